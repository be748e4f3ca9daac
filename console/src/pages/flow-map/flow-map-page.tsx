import { keepPreviousData } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { useLiveRefresh } from '../../live/use-live';
import { DataTable, type Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useFlowMapTexts } from './flow-map-texts';

type MapFlow = Schemas['FlowMap']['flows'][number];

const Drawing = lazy(() => import('./drawing'));
/** Sums over a region are not to be asked for at every event. */
const REFRESH_MS = 10_000;
/** The first is what the gateway takes where nothing is said. */
const PERIODS = ['24h', '1h', '7d', '30d'] as const;

/** Bodies and services, and what goes between them. */
export function Page() {
  const t = useFlowMapTexts();
  const [{ entity, period }] = useSearchState();
  const query = { params: { query: { ...(entity && { entity }), ...(period && { period: period as never }) } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/flows/map', query, {
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  useLiveRefresh(['get', '/admin/flows/map'], undefined, REFRESH_MS);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <p>
        {t('intro')} <Link to={'/flows' as string}>{t('flows')}</Link>
      </p>
      <FilterBar label={t('filters')}>
        <TextFilter name="entity" label={t('entity')} />
        <ChoiceFilter name="period" label={t('period')} choices={PERIODS.map((one) => [one, one])} isRequired />
      </FilterBar>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && <Map map={data} />}
    </>
  );
}

function Map({ map }: { readonly map: Schemas['FlowMap'] }) {
  const t = useFlowMapTexts();
  const { count } = useNumbers();
  const columns = useFlowColumns(map.names as Readonly<Record<string, string>>);
  if (map.flows.length === 0) return <p>{t('none')}</p>;
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Drawing map={map} />
      </Suspense>
      {map.left > 0 && <p>{t('left', { count: count(map.left) })}</p>}
      <DataTable caption={t('table')} columns={columns} rows={map.flows} rowId={rowId} />
    </>
  );
}

const rowId = ({ sender, service, receiver }: MapFlow) => `${sender} ${service} ${receiver}`;

function useFlowColumns(names: Readonly<Record<string, string>>): readonly Column<MapFlow>[] {
  const t = useFlowMapTexts();
  const { count } = useNumbers();
  return useMemo(
    () => [
      { id: 'sender', header: t('sender'), cell: ({ sender }) => <Body code={sender} name={names[sender]} /> },
      {
        id: 'service',
        header: t('service'),
        cell: ({ sender, receiver, service }) => (
          <Link to={'/messages' as string} search={{ sender, receiver, service } as never}>
            {service}
          </Link>
        ),
      },
      {
        id: 'receiver',
        header: t('receiver'),
        cell: ({ receiver }) => <Body code={receiver} name={names[receiver]} />,
      },
      { id: 'count', header: t('count'), cell: (flow) => count(flow.count) },
      {
        id: 'errors',
        header: t('errors'),
        cell: ({ errors }) => (errors > 0 ? <strong>{count(errors)}</strong> : '0'),
      },
      { id: 'now', header: t('inPerMinute'), cell: ({ inPerMinute }) => count(inPerMinute) },
    ],
    [t, count, names],
  );
}

function Body({ code, name }: { readonly code: string; readonly name: string | undefined }) {
  return (
    <Link to="." search={((before: object) => ({ ...before, entity: code })) as never}>
      {name ?? code} <small>{code}</small>
    </Link>
  );
}
