import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { texts } from '../../i18n/texts';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';

const useAuditTexts = texts(
  'audit',
  {
    title: 'Registro attività',
    filters: 'Filtri del registro',
    event: 'Azione',
    operator: 'Chi',
    subject: 'Su che cosa',
    at: 'Quando',
    address: 'Da dove',
    participants: 'Enti',
    detail: 'Dettagli',
    platform: 'piattaforma',
  },
  {
    title: 'Audit log',
    filters: 'Filters of the log',
    event: 'Action',
    operator: 'Who',
    subject: 'On what',
    at: 'When',
    address: 'From where',
    participants: 'Bodies',
    detail: 'Details',
    platform: 'platform',
  },
);

type Entry = Schemas['AuditRecord'];

/** Who has logged in, looked, ordered and changed. */
export function Page() {
  const t = useAuditTexts();
  const [search] = useSearchState();
  const pages = usePages(['audit', search], async (before, signal) => {
    const query = { ...search, limit: 100, ...(before && { before: Number(before) }) } as never;
    return (await api.GET('/admin/audit', { params: { query }, signal })).data!;
  });
  const columns = useMemo<readonly Column<Entry>[]>(
    () => [
      { id: 'at', header: t('at'), cell: ({ at }) => <When at={at} /> },
      { id: 'event', header: t('event'), cell: ({ event }) => <code>{event}</code> },
      { id: 'operator', header: t('operator'), cell: ({ operator }) => operator ?? '—' },
      { id: 'subject', header: t('subject'), cell: ({ subject }) => subject ?? '—' },
      { id: 'address', header: t('address'), cell: ({ address }) => address ?? '—' },
      {
        id: 'participants',
        header: t('participants'),
        cell: ({ participants }) => participants?.join(', ') ?? t('platform'),
      },
      {
        id: 'detail',
        header: t('detail'),
        cell: ({ detail }) =>
          Object.entries(detail)
            .map(([name, value]) => `${name}: ${value}`)
            .join('; '),
      },
    ],
    [t],
  );
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="operator" label={t('operator')} />
        <TextFilter name="event" label={t('event')} />
        <TextFilter name="subject" label={t('subject')} />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={columns} rowId={({ seq }) => String(seq)} />
    </>
  );
}
