import type { LedgerLevels, Levels } from '../trace/ports.js';
import type { Sql } from './sql.js';

/** More than this is more than anybody needs to know exactly; a number in the text keeps the planner on the index. */
const MOST = 100_000;

const LEVELS = `
WITH open AS (
  SELECT state, message_id FROM delivery WHERE ended_at IS NULL ORDER BY expires_at LIMIT ${MOST}
), states AS (
  SELECT state, count(*)::int AS count, min(message_id::text) AS oldest FROM open GROUP BY state
)
SELECT (SELECT coalesce(json_agg(states), '[]') FROM states) AS open,
  (SELECT count(*) FROM (SELECT FROM delivery WHERE state IN ('FAILED', 'EXPIRED', 'CANCELLED') LIMIT ${MOST}) d)::int AS dead,
  (SELECT count(*) FROM circuit)::int AS circuits,
  pg_database_size(current_database())::float8 AS bytes`;

/** How full the ledger is, by its partial indexes. */
export class StoredLevels implements LedgerLevels {
  constructor(private readonly sql: Sql) {}

  async read(): Promise<Levels> {
    const [row] = await this.sql.query<Levels>(LEVELS);
    return row!;
  }
}
