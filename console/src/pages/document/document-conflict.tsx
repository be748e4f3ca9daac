import { Alert } from 'design-react-kit';
import type { DocumentText } from './document-data';
import { useDocumentTexts } from './document-texts';

interface Props {
  /** Null: it was taken away. */
  readonly newest: DocumentText | null;
  readonly load: () => void;
  readonly keepMine: () => void;
}

/** Somebody else was faster: who, and the two ways on. */
export function DocumentConflict({ newest, load, keepMine }: Props) {
  const t = useDocumentTexts();
  return (
    <Alert color="warning" className="my-2">
      <strong>{t('conflict')}</strong>
      <p className="mb-2">{newest ? t('conflictText', { by: newest.changedBy }) : t('conflictGone')}</p>
      <div className="console-orders">
        <button type="button" className="btn btn-xs btn-primary" onClick={load}>
          {t('loadNewest')}
        </button>
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={keepMine}>
          {t('keepMine')}
        </button>
      </div>
    </Alert>
  );
}
