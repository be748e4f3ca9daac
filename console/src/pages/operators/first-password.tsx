import { Dialog } from '../../parts/dialog';
import { useOperatorTexts } from './operator-texts';

interface Props {
  readonly operator: string;
  readonly password: string;
  readonly onClose: () => void;
}

/** Shown once, and kept nowhere. */
export function FirstPassword({ operator, password, onClose }: Props) {
  const t = useOperatorTexts();
  return (
    <Dialog title={t('password')} onClose={onClose}>
      <p role="status">{t('passwordText', { operator })}</p>
      <p>
        <code data-password>{password}</code>
      </p>
      <button type="button" className="btn btn-sm btn-primary" onClick={onClose}>
        {t('done')}
      </button>
    </Dialog>
  );
}
