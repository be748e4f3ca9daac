import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | number | null;
}

/** A list that the gateway gives out page by page; `read` asks for the page after `cursor`, the first one without. */
export function usePages<T>(
  key: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>,
) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: ({ next }) => (next === null ? undefined : String(next)),
  });
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? null, [data]);
  return {
    rows,
    error,
    isPending,
    again: () => void refetch(),
    more: hasNextPage ? () => void fetchNextPage() : undefined,
    isLoadingMore: isFetchingNextPage,
  };
}

export type Pages<T> = ReturnType<typeof usePages<T>>;
