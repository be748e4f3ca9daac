import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { DataTable, type Column } from '../../parts/data-table';
import { ChoiceFilter, DayFilter, FilterBar } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useReportTexts } from './report-texts';
import { Schedules } from './schedules';

type Kind = Schemas['ReportSchedule']['kind'];
type Key = Schemas['ReportSchedule']['by'];

const KINDS: readonly Kind[] = ['volumes', 'outcomes', 'latency', 'availability'];
const KEYS: readonly Key[] = ['participant', 'service', 'day', 'month'];
const MONTH_MS = 30 * 86_400_000;

const dayOf = (at: Date): string => at.toLocaleDateString('sv', { timeZone: 'Europe/Rome' });

/** Sums over whole days, which are kept when contents and records are gone; of the last 30 days at first. */
export function Page() {
  const t = useReportTexts();
  const may = useMay();
  const [{ kind = 'volumes', ...search }] = useSearchState();
  const query = { by: 'participant', from: dayOf(new Date(Date.now() - MONTH_MS)), to: dayOf(new Date()), ...search };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['report', kind, query],
    queryFn: async ({ signal }) => {
      const params = { path: { kind: kind as Kind }, query: query as never };
      return (await api.GET('/admin/reports/{kind}', { params, signal })).data as Schemas['Report'];
    },
  });
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <ChoiceFilter name="kind" label={t('kind')} choices={KINDS.map((one) => [one, t(`kind.${one}`)])} isRequired />
        <ChoiceFilter name="by" label={t('by')} choices={KEYS.map((one) => [one, t(`by.${one}`)])} isRequired />
        <DayFilter name="from" label={t('from')} initial={query.from} />
        <DayFilter name="to" label={t('to')} initial={query.to} />
      </FilterBar>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && <ReportTable report={data} />}
      <p className="console-orders">
        {(['csv', 'xlsx', 'pdf'] as const).map((format) => (
          <a
            key={format}
            className="btn btn-xs btn-outline-primary"
            href={`/admin/reports/${kind}?${new URLSearchParams({ ...query, format }).toString()}`}
            download
          >
            {t('download')} {format.toUpperCase()}
          </a>
        ))}
      </p>
      {may('reports.schedule') && <Schedules kind={kind as Kind} by={query.by as Key} />}
    </>
  );
}

type Row = Schemas['Report']['rows'][number];

function ReportTable({ report }: { readonly report: Schemas['Report'] }) {
  const columns = useMemo<readonly Column<Row>[]>(
    () => report.columns.map(({ name, title }, at) => ({ id: name, header: title, cell: (row) => row[at] ?? '—' })),
    [report],
  );
  return (
    <DataTable caption={report.title} columns={columns} rows={report.rows} rowId={(row) => row.slice(0, 2).join(' ')} />
  );
}
