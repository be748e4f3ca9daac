import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import { useLive } from '../../live/use-live';
import { DataTable } from '../../parts/data-table';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useStateNames } from '../../parts/state-badge';
import type { Search } from '../../router';
import { useMessageColumns } from './message-columns';
import { useMessageTexts } from './message-list-texts';

const STATES = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'] as const;
const PAGE = 100;

/** Every message that the operator may see, newest first; what comes meanwhile waits behind a button, so that no row jumps. */
export function Page() {
  const t = useMessageTexts();
  const state = useStateNames();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="q" label={t('q')} type="search" />
        <ChoiceFilter name="state" label={t('state')} choices={STATES.map((one) => [one, state(one)])} />
        <TextFilter name="sender" label={t('sender')} />
        <TextFilter name="receiver" label={t('receiver')} />
        <TextFilter name="service" label={t('service')} />
      </FilterBar>
      <MessageList />
    </>
  );
}

function MessageList() {
  const t = useMessageTexts();
  const [search] = useSearchState();
  const columns = useMessageColumns();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useMessages(search);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  const rows = data.pages.flatMap(({ items }) => items);
  return (
    <>
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      <NewMessages search={search} />
      <DataTable
        caption={t('title')}
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        more={hasNextPage ? () => void fetchNextPage() : undefined}
        isLoadingMore={isFetchingNextPage}
      />
    </>
  );
}

const keyOf = (search: Search) => ['messages', search] as const;

function useMessages(search: Search) {
  const { q, ...filter } = search;
  return useInfiniteQuery({
    queryKey: keyOf(search),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, ...(q && { text: q }), limit: PAGE, ...(pageParam && { before: pageParam }) };
      const { data } = await api.GET('/admin/messages', { params: { query: query as never }, signal });
      return data!;
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
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
