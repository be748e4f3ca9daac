import type { SavedFilter } from '../login/ports.js';
import { checked, compiled } from './checked.js';
import { wrong } from './query-values.js';
import { closed, listOf, string } from './schema-parts.js';

const MOST = 20;

/** Without NUL and halves of characters, which no database takes. */
const text = (maxLength: number) => ({ ...string, maxLength, pattern: '^[^\\u0000\\p{Cs}]*$' });

const filters = {
  ...listOf(
    closed({
      name: { ...text(80), minLength: 1 },
      filter: {
        ...text(2_000),
        description: 'as it stands in the address of the page: `state=REJECTED&sender=c_i804`',
      },
    }),
  ),
  maxItems: MOST,
};
const page = { ...string, pattern: '^[a-z][a-z-]{0,39}$', description: 'of the console: `messages`' };

/** What operators save of the console's pages. */
export const FILTER_SCHEMAS = {
  SavedFilters: closed({ filters: { ...filters, description: 'no name twice; none: nothing is kept of the page' } }),
  PageFilters: closed({ page, filters }),
  AllFilters: closed({ items: listOf(closed({ page, filters })) }),
};

const isFilters = compiled(FILTER_SCHEMAS.SavedFilters);
const PAGE = new RegExp(page.pattern);

/** Throws parameter-wrong. */
export function filtersIn(body: unknown): readonly SavedFilter[] {
  const { filters } = checked<{ filters: readonly SavedFilter[] }>(isFilters, body);
  if (new Set(filters.map(({ name }) => name)).size < filters.length) throw wrong('filters', 'each name once');
  return filters;
}

/** Throws parameter-wrong. */
export function pageIn(page: string): string {
  if (PAGE.test(page)) return page;
  throw wrong('page', 'a page of the console, as `messages`');
}
