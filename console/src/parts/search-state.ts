import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Search } from '../router';

/** What stands in the address of the page, and how to change it; an empty value goes. */
export function useSearchState(): readonly [Search, (change: Search, replace?: boolean) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = (next: Search, replace = false) =>
    void navigate({ to: '.', search: ((before: Search) => ({ ...before, ...next })) as never, replace });
  return [search, change];
}
