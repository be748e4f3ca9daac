import type { CircuitStore } from '../delivery/ports.js';
import type { Sql } from './sql.js';

/** $1 system, $2 whether it has failed as a probe: the pause then doubles, from 5 s to at most 60 s. */
const OPEN = `
INSERT INTO circuit AS c (system, until, breaks) VALUES ($1, now() + interval '5 seconds', 1)
ON CONFLICT (system) DO UPDATE SET
  until = CASE WHEN $2 THEN now() + least(60, 5 * 2 ^ least(c.breaks, 10)) * interval '1 second' ELSE c.until END,
  breaks = c.breaks + $2::boolean::int
RETURNING greatest(0, extract(epoch FROM until - now()) * 1000)::float8 AS ms`;

/** What dispatchers have found of receiving systems, for all relays. */
export class LedgerCircuits implements CircuitStore {
  constructor(private readonly sql: Sql) {}

  async open(system: string, isProbe: boolean): Promise<Date> {
    const [row] = await this.sql.query<{ ms: number }>(OPEN, [system, isProbe]);
    return new Date(Date.now() + (row?.ms ?? 0));
  }

  async close(system: string): Promise<void> {
    await this.sql.query(`DELETE FROM circuit WHERE system = $1`, [system]);
  }
}
