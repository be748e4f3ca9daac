import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useServiceTexts } from './service-texts';
import { ServiceStatus, STATUSES, type Status } from './service-status';
import { UploadDialog } from './upload-dialog';

type Stored = Schemas['StoredDocument'];

interface ServiceDocument {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly status?: Status;
  readonly owner?: string;
}

const serviceOf = ({ document }: Stored) => document as unknown as ServiceDocument;

/** Every published interface, drafts that the operator may read among them, with how much it is used. */
export function Page() {
  const t = useServiceTexts();
  const may = useMay();
  const [search] = useSearchState();
  const [isUploading, setUploading] = useState(false);
  const pages = usePages(['services', search], async (after, signal) => {
    const query = { ...search, limit: 100, ...(after && { after }) } as never;
    return (await api.GET('/admin/services', { params: { query }, signal })).data!;
  });
  const upload = may('service.publish') && (
    <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => setUploading(true)}>
      {t('upload')}
    </button>
  );
  return (
    <>
      <PageTitle aside={upload}>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="text" label={t('text')} />
        <ChoiceFilter name="status" label={t('status')} choices={STATUSES.map((one) => [one, t(`status.${one}`)])} />
        <TextFilter name="owner" label={t('owner')} />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={useColumns()} rowId={({ key }) => key} />
      {isUploading && <UploadDialog onClose={() => setUploading(false)} />}
    </>
  );
}

function useColumns(): readonly Column<Stored>[] {
  const t = useServiceTexts();
  const { count } = useNumbers();
  const used = useUsage();
  return useMemo(() => {
    const usage = (row: Stored, of: 'taken' | 'refused') => {
      const { id, version } = serviceOf(row);
      return used ? count(used.get(`${id} ${version}`)?.[of] ?? 0) : '…';
    };
    return [
      { id: 'service', header: t('service'), cell: (row) => <ToVersion of={serviceOf(row)} /> },
      { id: 'version', header: t('version'), cell: (row) => serviceOf(row).version },
      { id: 'title', header: t('name'), cell: (row) => serviceOf(row).title },
      {
        id: 'status',
        header: t('status'),
        cell: (row) => <ServiceStatus status={serviceOf(row).status ?? 'published'} />,
      },
      { id: 'owner', header: t('owner'), cell: (row) => serviceOf(row).owner ?? t('platform') },
      { id: 'used', header: t('used'), cell: (row) => usage(row, 'taken') },
      { id: 'refused', header: t('refused'), cell: (row) => usage(row, 'refused') },
      { id: 'changed', header: t('changed'), cell: (row) => <When at={row.changedAt} /> },
    ];
  }, [t, count, used]);
}

const ToVersion = ({ of: { id, version } }: { readonly of: ServiceDocument }) => (
  <Link to={`/services/${id}/${version}` as string}>{id}</Link>
);

const DAYS_MS = 30 * 86_400_000;
const dayOf = (at: Date): string => at.toLocaleDateString('sv', { timeZone: 'Europe/Rome' });

/** What the operator's bodies sent, asked, and had refused in 30 days, by `id version`; null: not known yet. */
function useUsage() {
  const query = { by: 'service' as const, from: dayOf(new Date(Date.now() - DAYS_MS)), to: dayOf(new Date()) };
  const { data } = useQuery({
    queryKey: ['service-usage', query],
    queryFn: async ({ signal }) => {
      const params = { path: { kind: 'volumes' as const }, query };
      return (await api.GET('/admin/reports/{kind}', { params, signal })).data as Schemas['Report'];
    },
  });
  return useMemo(() => data && usageOf(data), [data]);
}

function usageOf({ columns, rows }: Schemas['Report']) {
  const at = (name: string) => columns.findIndex((one) => one.name === name);
  const number = (row: (typeof rows)[number], name: string) => Number(row[at(name)] ?? 0);
  return new Map(
    rows.map((row) => {
      const taken = number(row, 'messages') + number(row, 'questions');
      return [`${row[at('service')]} ${row[at('version')]}`, { taken, refused: number(row, 'refused') }] as const;
    }),
  );
}
