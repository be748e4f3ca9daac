import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import type { Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { Sparkline } from '../../parts/sparkline';
import { FlowOrder, type FlowTurn } from './flow-order';
import { useFlowTexts } from './flow-texts';

type Flow = Schemas['Flow'];

const STATES = ['active', 'draining', 'paused', 'circuit-open', 'suspended', 'requested', 'out-of-term'] as const;
/** The first is what the gateway takes where nothing is said. */
const PERIODS = ['24h', '1h', '7d', '30d'] as const;

/** One row for each agreement and destination: what comes, what waits, what is wrong. */
export function Page() {
  const t = useFlowTexts();
  const [search] = useSearchState();
  const [turn, setTurn] = useState<FlowTurn | null>(null);
  const pages = usePages(['flows', search], async (after, signal) => {
    const query = { ...search, limit: 100, ...(after && { after }) } as never;
    return (await api.GET('/admin/flows', { params: { query }, signal })).data!;
  });
  useLiveRefresh(['flows']);
  const columns = useFlowColumns(setTurn);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="text" label={t('text')} type="search" />
        <TextFilter name="entity" label={t('entity')} />
        <ChoiceFilter name="state" label={t('state')} choices={STATES.map((one) => [one, t(`state.${one}`)])} />
        <ChoiceFilter name="period" label={t('period')} choices={PERIODS.map((one) => [one, one])} isRequired />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={columns} rowId={({ id, system }) => `${id} ${system}`} />
      {turn && <FlowOrder turn={turn} onClose={() => setTurn(null)} />}
    </>
  );
}

const TONES: Readonly<Record<Flow['state'], string>> = {
  active: 'success',
  draining: 'warning',
  paused: 'warning',
  'circuit-open': 'danger',
  suspended: 'warning',
  requested: 'primary',
  'out-of-term': 'warning',
};

function useFlowColumns(order: (turn: FlowTurn) => void): readonly Column<Flow>[] {
  const t = useFlowTexts();
  const { count, duration } = useNumbers();
  const may = useMay()('agreement.suspend');
  return useMemo(
    () => [
      { id: 'flow', header: t('flow'), cell: (flow) => <FlowName flow={flow} /> },
      {
        id: 'state',
        header: t('state'),
        cell: ({ state }) => (
          <span className={`console-state console-state-${TONES[state]}`} data-state={state}>
            {t(`state.${state}`)}
          </span>
        ),
      },
      { id: 'last30', header: t('last30'), cell: ({ sparkline }) => <Sparkline values={sparkline} /> },
      { id: 'in', header: t('inPerMinute'), cell: ({ inPerMinute }) => count(inPerMinute) },
      ...(['delivered', 'rejected'] as const).map((name) => ({
        id: name,
        header: t(name),
        cell: ({ counts }: Flow) => count((counts as Readonly<Record<string, number>>)[name] ?? 0),
      })),
      ...(['waiting', 'retrying', 'dead'] as const).map((name) => ({
        id: name,
        header: t(name),
        cell: (flow: Flow) => count(flow[name]),
      })),
      { id: 'p95', header: t('p95'), cell: ({ p95 }) => (p95 === null ? '—' : duration(p95)) },
      { id: 'oldest', header: t('oldestAt'), cell: ({ oldestAt }) => <When at={oldestAt} ago /> },
      { id: 'last', header: t('lastAt'), cell: ({ lastAt }) => <When at={lastAt} ago /> },
      ...(may
        ? [{ id: 'actions', header: t('actions'), cell: (flow: Flow) => <Orders flow={flow} order={order} /> }]
        : []),
    ],
    [t, count, duration, may, order],
  );
}

function FlowName({ flow: { sender, receiver, service, version, system } }: { readonly flow: Flow }) {
  return (
    <Link to={'/messages' as string} search={{ sender, receiver, service } as never}>
      {sender} → {receiver}
      <br />
      <small>
        {service} v{version} {system && `· ${system}`}
      </small>
    </Link>
  );
}

/** What may be ordered in which state. */
const TURNS: Readonly<Partial<Record<Flow['state'], readonly FlowTurn['turn'][]>>> = {
  suspended: ['resume'],
  draining: ['reopen', 'suspend'],
  active: ['drain', 'suspend'],
  paused: ['drain', 'suspend'],
  'circuit-open': ['drain', 'suspend'],
};

function Orders({ flow, order }: { readonly flow: Flow; readonly order: (turn: FlowTurn) => void }) {
  const t = useFlowTexts();
  return (
    <div className="console-orders">
      {TURNS[flow.state]?.map((turn) => (
        <button
          key={turn}
          type="button"
          className="btn btn-xs btn-outline-primary"
          onClick={() => order({ id: flow.id, turn })}
        >
          {t(turn)}
          <span className="visually-hidden"> {flow.id}</span>
        </button>
      ))}
    </div>
  );
}
