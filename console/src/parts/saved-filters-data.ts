import { useEffect } from 'react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { api, queries, type Schemas } from '../api/client';
import { useSession } from '../api/session';

export type SavedFilter = Schemas['PageFilters']['filters'][number];

/** What the operator at work has saved of this page, undefined before it is known, and how to save it anew. */
export function useSavedFilters() {
  const operator = useSession()?.operator.id ?? '';
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const page = path.split('/').findLast(Boolean) ?? 'situation';
  const queryKey = ['saved-filters', operator];
  const all = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await api.GET('/admin/session/filters', { signal })).data!.items,
  });
  const saved = all.data && (all.data.find((one) => one.page === page)?.filters ?? []);
  const saving = useMutation({
    mutationFn: async (filters: readonly SavedFilter[]) =>
      (await api.PUT('/admin/session/filters/{page}', { params: { path: { page } }, body: { filters: [...filters] } }))
        .data!,
    onSuccess: (now) =>
      queries.setQueryData<Schemas['AllFilters']['items']>(queryKey, (before = []) => [
        ...before.filter((one) => one.page !== now.page),
        now,
      ]),
  });
  useTakeOver(`crocevia.filters ${operator} ${path}`, saved, saving.mutate);
  return { saved, saving, error: all.error };
}

type Save = (filters: readonly SavedFilter[], then: { readonly onSuccess: () => void }) => void;

/** What a browser kept before the gateway did goes there once, beside what is there already. */
function useTakeOver(key: string, saved: readonly SavedFilter[] | undefined, save: Save): void {
  const isKnown = saved !== undefined;
  useEffect(() => {
    const kept = isKnown ? keptBefore(key) : [];
    if (!isKnown || window.localStorage.getItem(key) === null) return;
    const forget = () => window.localStorage.removeItem(key);
    const missing = kept.filter(({ name }) => saved.every((one) => one.name !== name));
    if (missing.length === 0) forget();
    else save([...saved, ...missing].slice(0, 20), { onSuccess: forget });
    // Once for each page that is opened: what is saved later is no reason to try again.
  }, [key, isKnown]);
}

/** Only what the gateway takes; none where somebody has written something else there. */
function keptBefore(key: string): readonly SavedFilter[] {
  try {
    const kept = JSON.parse(window.localStorage.getItem(key) ?? '[]') as { name: string; search: object }[];
    return kept
      .map(({ name, search }) => ({ name, filter: filterOf(search) }))
      .filter(({ name, filter }) => name.length <= 80 && filter.length <= 2_000);
  } catch {
    return [];
  }
}

/** As it stands in the address. */
export const filterOf = (search: object): string =>
  new URLSearchParams(Object.entries(search).filter(([, value]) => Boolean(value)) as [string, string][]).toString();

export const searchOf = (filter: string) => Object.fromEntries(new URLSearchParams(filter));
