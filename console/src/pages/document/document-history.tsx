import { lazy, Suspense, useMemo, useState } from 'react';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { Dialog } from '../../parts/dialog';
import { Loading } from '../../parts/loading';
import { PageTable } from '../../parts/page-table';
import { readHistory, type DocumentChange, type DocumentText, type Place } from './document-data';
import { useDocumentTexts } from './document-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

interface Props {
  readonly place: Place;
  /** Null: there is none. */
  readonly current: DocumentText | null;
  /** Null: something is being written, which it would take away. */
  readonly restore: ((text: string) => void) | null;
}

/** Who has changed a document, when, why and how; what stood there can be put back. */
export function DocumentHistory({ place, current, restore }: Props) {
  const t = useDocumentTexts();
  const [shown, setShown] = useState<DocumentChange | null>(null);
  const { kind, id, version = '' } = place;
  const pages = usePages(['document-history', kind, id, version], (before, signal) =>
    readHistory(place, before, signal),
  );
  return (
    <section aria-labelledby="history" className="mt-4">
      <h2 id="history" className="h5">
        {t('history')}
      </h2>
      <PageTable
        pages={pages}
        caption={t('history')}
        columns={useColumns(current?.revision, setShown, restore)}
        rowId={({ revision }) => String(revision)}
      />
      {shown && <ShownChange change={shown} onClose={() => setShown(null)} />}
    </section>
  );
}

function useColumns(
  current: number | undefined,
  show: (change: DocumentChange) => void,
  restore: ((text: string) => void) | null,
): readonly Column<DocumentChange>[] {
  const t = useDocumentTexts();
  const may = useMay();
  const mayWrite = may('registry.write');
  return useMemo(
    () => [
      { id: 'revision', header: t('revision'), cell: ({ revision }) => revision },
      { id: 'when', header: t('when'), cell: ({ at }) => <When at={at} /> },
      { id: 'who', header: t('who'), cell: ({ by }) => by },
      { id: 'what', header: t('what'), cell: (change) => <What change={change} /> },
      { id: 'why', header: t('why'), cell: ({ reason }) => reason ?? '—' },
      {
        id: 'actions',
        header: t('actions'),
        cell: (change) => (
          <Orders
            change={change}
            isCurrent={change.revision === current}
            show={show}
            {...(mayWrite && restore && { restore })}
          />
        ),
      },
    ],
    [t, mayWrite, current, show, restore],
  );
}

function What({ change: { action, members } }: { readonly change: DocumentChange }) {
  const t = useDocumentTexts();
  return (
    <span data-action={action}>
      {t(`action.${action}`)}
      {members.length > 0 && (
        <>
          : <code>{members.join(', ')}</code>
        </>
      )}
    </span>
  );
}

interface OrdersProps {
  readonly change: DocumentChange;
  readonly isCurrent: boolean;
  readonly show: (change: DocumentChange) => void;
  readonly restore?: (text: string) => void;
}

function Orders({ change, isCurrent, show, restore }: OrdersProps) {
  const t = useDocumentTexts();
  const { after, before, revision } = change;
  const of = <span className="visually-hidden"> {t('ofRevision', { revision })}</span>;
  return (
    <div className="console-orders">
      {isCurrent && <strong aria-current="true">{t('inForce')}</strong>}
      {(after ?? before) !== null && (
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => show(change)}>
          {t('show')}
          {of}
        </button>
      )}
      {restore && after !== null && !isCurrent && (
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => restore(after)}>
          {t('restore')}
          {of}
        </button>
      )}
    </div>
  );
}

function ShownChange({ change, onClose }: { readonly change: DocumentChange; readonly onClose: () => void }) {
  const t = useDocumentTexts();
  const title = t('changedAt', { revision: change.revision });
  return (
    <Dialog title={title} onClose={onClose} wide>
      {change.before === change.after && <p>{t('onlyHidden')}</p>}
      <Suspense fallback={<Loading />}>
        <DiffView label={title} before={change.before ?? ''} after={change.after ?? ''} type="application/yaml" />
      </Suspense>
    </Dialog>
  );
}
