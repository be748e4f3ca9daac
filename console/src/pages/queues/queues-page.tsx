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
import type { Search } from '../../router';
import { QueueChart } from './queue-chart';
import { QueueOrder, type QueueTurn } from './queue-order';
import { useQueueTexts } from './queue-texts';

type Queue = Schemas['Queue'];

const STATES = ['open', 'paused', 'circuit-open', 'gone'] as const;
const COUNTS = ['queued', 'delivering', 'available', 'retrying', 'suspended'] as const;
const TONES: Readonly<Record<Queue['state'], string>> = {
  open: 'success',
  paused: 'warning',
  'circuit-open': 'danger',
  gone: 'danger',
};

/** What waits for each receiving system, and why. */
export function Page() {
  const t = useQueueTexts();
  const [{ of, ...search }] = useSearchState();
  const [turn, setTurn] = useState<QueueTurn | null>(null);
  const pages = usePages(['queues', search], async (after, signal) => {
    const query = { ...search, limit: 100, ...(after && { after }) } as never;
    return (await api.GET('/admin/queues', { params: { query }, signal })).data!;
  });
  useLiveRefresh(['queues']);
  const columns = useQueueColumns(setTurn);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="text" label={t('text')} type="search" />
        <TextFilter name="entity" label={t('entity')} />
        <ChoiceFilter name="state" label={t('state')} choices={STATES.map((one) => [one, t(`state.${one}`)])} />
      </FilterBar>
      {of && <QueueChart system={of} />}
      <PageTable pages={pages} caption={t('title')} columns={columns} rowId={({ system }) => system} />
      {turn && <QueueOrder turn={turn} onClose={() => setTurn(null)} />}
    </>
  );
}

function useQueueColumns(order: (turn: QueueTurn) => void): readonly Column<Queue>[] {
  const t = useQueueTexts();
  const { count } = useNumbers();
  const may = useMay()('system.pause');
  return useMemo(
    () => [
      {
        id: 'system',
        header: t('system'),
        cell: ({ system, participant }) => (
          <Link to={'/messages' as string} search={{ receiver: system } as never}>
            {system} <small>{participant}</small>
          </Link>
        ),
      },
      { id: 'state', header: t('state'), cell: (queue) => <State queue={queue} /> },
      { id: 'channel', header: t('channel'), cell: ({ channel }) => channel ?? '—' },
      ...COUNTS.map((name) => ({ id: name, header: t(name), cell: (queue: Queue) => count(queue[name]) })),
      {
        id: 'dead',
        header: t('dead'),
        cell: ({ dead, system }) =>
          dead === 0 ? (
            '0'
          ) : (
            <Link to={'/dead-letters' as string} search={{ receiver: system } as never}>
              {count(dead)}
            </Link>
          ),
      },
      { id: 'oldest', header: t('oldestAt'), cell: ({ oldestAt }) => <When at={oldestAt} ago /> },
      { id: 'next', header: t('nextAttemptAt'), cell: ({ nextAttemptAt }) => <When at={nextAttemptAt} ago /> },
      {
        id: 'series',
        header: t('series'),
        cell: ({ system }) => (
          <Link to="." search={((before: Search) => ({ ...before, of: system })) as never}>
            {t('show')}
            <span className="visually-hidden"> {system}</span>
          </Link>
        ),
      },
      { id: 'in', header: t('in'), cell: ({ inPerMinute }) => count(inPerMinute) },
      { id: 'out', header: t('out'), cell: ({ outPerMinute }) => count(outPerMinute) },
      ...(may
        ? [{ id: 'actions', header: t('actions'), cell: (queue: Queue) => <Orders queue={queue} order={order} /> }]
        : []),
    ],
    [t, count, may, order],
  );
}

function State({ queue: { state, circuitUntil } }: { readonly queue: Queue }) {
  const t = useQueueTexts();
  return (
    <>
      <span className={`console-state console-state-${TONES[state]}`} data-state={state}>
        {t(`state.${state}`)}
      </span>
      {circuitUntil && (
        <small className="d-block">
          {t('until')} <When at={circuitUntil} />
        </small>
      )}
    </>
  );
}

function Orders({ queue, order }: { readonly queue: Queue; readonly order: (turn: QueueTurn) => void }) {
  const t = useQueueTexts();
  const may = useMay();
  if (queue.state === 'gone') return null;
  const turns: readonly QueueTurn['turn'][] = [
    queue.state === 'paused' ? 'resume' : 'pause',
    ...(queue.retrying > 0 && may('queue.order') ? (['release'] as const) : []),
    ...(queue.queued + queue.retrying > 0 && may('queue.order') ? (['priority'] as const) : []),
  ];
  return (
    <div className="console-orders">
      {turns.map((turn) => (
        <button
          key={turn}
          type="button"
          className="btn btn-xs btn-outline-primary"
          onClick={() => order({ system: queue.system, turn })}
        >
          {t(turn)}
          <span className="visually-hidden"> {queue.system}</span>
        </button>
      ))}
    </div>
  );
}
