import type { LedgerLevels, Levels } from '../trace/ports.js';
import type { TableOf } from './day-statement.js';
import { OfEachDay } from './each-day.js';
import type { OpenFloor } from './open-floor.js';
import type { Sql } from './sql.js';

/** More than this, of the open and of the dead of a day, is more than anybody needs to know exactly; a number in the text keeps the planner on the index. */
const MOST = 100_000;

const levels = (since: string) => `
WITH open AS (
  SELECT state, message_id FROM delivery WHERE message_id >= ${since} AND ended_at IS NULL ORDER BY expires_at LIMIT ${MOST}
), states AS (
  SELECT state, count(*)::int AS count, min(message_id::text) AS oldest FROM open GROUP BY state
)
SELECT (SELECT coalesce(json_agg(states), '[]') FROM states) AS open,
  (SELECT count(*) FROM circuit)::int AS circuits,
  pg_database_size(current_database())::float8 AS bytes`;

const dead = (tableOf: TableOf) =>
  `SELECT count(*)::int AS count FROM (
    SELECT FROM ${tableOf('delivery')} WHERE state IN ('FAILED', 'EXPIRED', 'CANCELLED') LIMIT ${MOST}) d`;

/** How full the ledger is, by its partial indexes. */
export class StoredLevels implements LedgerLevels {
  private readonly dead: OfEachDay<{ count: number }>;

  constructor(
    private readonly sql: Sql,
    private readonly floor: OpenFloor,
  ) {
    this.dead = new OfEachDay(sql, dead);
  }

  async read(): Promise<Levels> {
    const [row] = await this.sql.once<Omit<Levels, 'dead'>>(levels(await this.floor.since()), []);
    const ofDays = await this.dead.rows();
    return { ...row!, dead: ofDays.reduce((sum, { count }) => sum + count, 0) };
  }
}
