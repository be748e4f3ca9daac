import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { useServiceTexts } from './service-texts';

type Change = Schemas['InterfaceChange'];

/** What changes for senders, and whether it breaks what they send. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const t = useServiceTexts();
  const columns = useMemo<readonly Column<Change>[]>(
    () => [
      {
        id: 'breaking',
        header: t('status'),
        cell: ({ breaking }) => (
          <span className={`console-state console-state-${breaking ? 'danger' : 'success'}`} data-breaking={breaking}>
            <span aria-hidden="true">{breaking ? '✕' : '✓'}</span> {t(breaking ? 'breaking' : 'compatible')}
          </span>
        ),
      },
      { id: 'operation', header: t('operation'), cell: ({ operation }) => operation ?? '—' },
      { id: 'place', header: t('place'), cell: ({ place }) => <code>{place}</code> },
      { id: 'change', header: t('change'), cell: ({ message }) => message },
    ],
    [t],
  );
  if (changes.length === 0) return <p role="status">{t('noChanges')}</p>;
  const breaking = changes.filter((one) => one.breaking).length;
  return (
    <>
      {breaking > 0 && <p role="status">{t('breakingCount', { count: breaking })}</p>}
      <DataTable
        caption={t('changes')}
        columns={columns}
        rows={changes}
        rowId={({ kind, operation, place, message }) => [kind, operation, place, message].join(' ')}
      />
    </>
  );
}
