import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { useLive } from '../../live/use-live';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useStateNames } from '../../parts/state-badge';
import type { Search } from '../../router';
import { OrderJob } from '../jobs/order-job';
import { useMessageColumns } from './message-columns';
import { useMessageTexts } from './message-list-texts';

const STATES = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'] as const;
const PROTOCOLS = ['soap11', 'soap12', 'rest', 'cloudevents', 'amqp'] as const;
const PAGE = 100;

/** Every message that the operator may see, newest first; what comes meanwhile waits behind a button, so that no row jumps. */
export function Page() {
  const t = useMessageTexts();
  const state = useStateNames();
  const [search] = useSearchState();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const columns = useMessageColumns({ chosen, choose: setChosen });
  const pages = usePages(keyOf(search), async (before, signal) => {
    const query = { ...asked(search), limit: PAGE, ...(before && { before }) } as never;
    return (await api.GET('/admin/messages', { params: { query }, signal })).data!;
  });
  return (
    <>
      <PageTitle aside={<Orders search={search} chosen={chosen} />}>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="q" label={t('q')} type="search" />
        <ChoiceFilter name="state" label={t('state')} choices={STATES.map((one) => [one, state(one)])} />
        <TextFilter name="from" label={t('from')} type="datetime-local" />
        <TextFilter name="to" label={t('to')} type="datetime-local" />
        <TextFilter name="sender" label={t('sender')} />
        <TextFilter name="receiver" label={t('receiver')} />
        <TextFilter name="service" label={t('service')} />
        <TextFilter name="fault" label={t('fault')} />
        <TextFilter name="attempts" label={t('minAttempts')} type="number" />
        <ChoiceFilter name="protocol" label={t('protocol')} choices={PROTOCOLS.map((one) => [one, one])} />
      </FilterBar>
      <NewMessages search={search} />
      <PageTable pages={pages} caption={t('title')} columns={columns} rowId={({ id }) => id} />
    </>
  );
}

const keyOf = (search: Search) => ['messages', search] as const;

/** Times as the operator writes them are those of its clock; the gateway takes moments. */
function asked(search: Search): Search {
  const moment = (text: string | undefined) => (text ? new Date(text).toISOString() : undefined);
  const { from, to, ...filter } = search;
  const times = { from: moment(from), to: moment(to) };
  return Object.fromEntries(Object.entries({ ...filter, ...times }).filter(([, value]) => value));
}

interface OrdersProps {
  readonly search: Search;
  /** Ids of messages whose boxes are ticked. */
  readonly chosen: readonly string[];
}

/** What can be done with what is shown: take it away as a file, retry what has failed among it, or among what is ticked. */
function Orders({ search, chosen }: OrdersProps) {
  const t = useMessageTexts();
  const may = useMay();
  const [filter, setFilter] = useState<Schemas['DeliveryFilter'] | null>(null);
  const all = filterOf(search);
  const exported = new URLSearchParams({ ...(asked(search) as Record<string, string>), format: 'csv' }).toString();
  return (
    <div className="console-orders">
      <a className="btn btn-xs btn-outline-primary" href={`/admin/messages/export?${exported}`} download>
        {t('export')}
      </a>
      {may('messages.resend') && all && (
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => setFilter(all)}>
          {t('retryAll')}
        </button>
      )}
      {may('messages.resend') && chosen.length > 0 && (
        <button
          type="button"
          className="btn btn-xs btn-primary"
          onClick={() => setFilter({ ids: [...chosen], states: ['FAILED', 'EXPIRED', 'CANCELLED'] })}
        >
          {t('retryChosen', { count: chosen.length })}
        </button>
      )}
      {chosen.length === 2 && (
        <Link
          to={'/compare' as string}
          search={{ a: chosen[0], b: chosen[1] } as never}
          className="btn btn-xs btn-outline-primary"
        >
          {t('compare')}
        </Link>
      )}
      {filter && <OrderJob action="retry" filter={filter} onClose={() => setFilter(null)} />}
    </div>
  );
}

/** What is shown as the filter of a job; null where it cannot be said so: the search box and the protocol are no filters of jobs. */
function filterOf(search: Search): Schemas['DeliveryFilter'] | null {
  const { from, to, q, state, protocol, attempts, ...filter } = asked(search);
  if (q || protocol || attempts || state === 'REJECTED') return null;
  const times = { ...(from && { acceptedAfter: from }), ...(to && { acceptedBefore: to }) };
  return { ...filter, ...times, states: ['FAILED', 'EXPIRED'] } as Schemas['DeliveryFilter'];
}

const TAKEN = ['message.accepted', 'message.rejected'];

/** Counts what has come since the list was read. */
function NewMessages({ search }: { readonly search: Search }) {
  const t = useMessageTexts();
  const client = useQueryClient();
  const [count, setCount] = useState(0);
  useLive((events) => setCount((before) => before + events.filter(({ event }) => TAKEN.includes(event)).length));
  const show = () => {
    setCount(0);
    void client.resetQueries({ queryKey: keyOf(search) });
  };
  return (
    <div role="status" className="console-new">
      {count > 0 && (
        <button type="button" className="btn btn-xs btn-primary" onClick={show}>
          {t('new', { count })}
        </button>
      )}
    </div>
  );
}
