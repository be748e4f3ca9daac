import type { FilterStore, PageFilters, SavedFilter } from '../login/ports.js';
import type { Sql } from './sql.js';

const LIST = `SELECT page, filters FROM operator_filter WHERE operator = $1 ORDER BY page`;

/** $4 how many pages an operator may have. Two at once may both find room; they are few. */
const KEEP = `
INSERT INTO operator_filter (operator, page, filters) SELECT $1::text, $2::text, $3::jsonb
WHERE (SELECT count(*) FROM operator_filter WHERE operator = $1 AND page <> $2) < $4::int
ON CONFLICT (operator, page) DO UPDATE SET filters = excluded.filters RETURNING page`;

export class StoredFilters implements FilterStore {
  constructor(private readonly sql: Sql) {}

  list(operator: string): Promise<readonly PageFilters[]> {
    return this.sql.query<PageFilters>(LIST, [operator]);
  }

  async keep(operator: string, page: string, filters: readonly SavedFilter[], most: number): Promise<boolean> {
    return (await this.sql.query(KEEP, [operator, page, JSON.stringify(filters), most])).length === 1;
  }

  async forget(operator: string, page: string): Promise<void> {
    await this.sql.query(`DELETE FROM operator_filter WHERE operator = $1 AND page = $2`, [operator, page]);
  }
}
