import type { CircuitStore } from '../delivery/ports.js';
import type { Sql } from './sql.js';

/** A node's clock may be another one: what is told is the time that is left. */
const LEFT = `greatest(0, extract(epoch FROM until - now()) * 1000)::float8 AS ms`;

/** $1 system, $2 whether it has failed as a probe: the pause then doubles, from 5 s to at most 60 s. */
const OPEN = `
INSERT INTO circuit AS c (system, until, breaks) VALUES ($1, now() + interval '5 seconds', 1)
ON CONFLICT (system) DO UPDATE SET
  until = CASE WHEN $2 THEN now() + least(60, 5 * 2 ^ least(c.breaks, 10)) * interval '1 second' ELSE c.until END,
  breaks = c.breaks + $2::boolean::int
RETURNING ${LEFT}`;

/** What dispatchers have found of receiving systems, for all relays. */
export class LedgerCircuits implements CircuitStore {
  constructor(private readonly sql: Sql) {}

  async open(system: string, isProbe: boolean): Promise<Date> {
    const [row] = await this.sql.query<Left>(OPEN, [system, isProbe]);
    return endOf(row);
  }

  async until(system: string): Promise<Date | null> {
    const [row] = await this.sql.query<Left>(`SELECT ${LEFT} FROM circuit WHERE system = $1`, [system]);
    return row ? endOf(row) : null;
  }

  async close(system: string): Promise<void> {
    await this.sql.query(`DELETE FROM circuit WHERE system = $1`, [system]);
  }
}

interface Left {
  readonly ms: number;
}

const endOf = (left: Left | undefined) => new Date(Date.now() + (left?.ms ?? 0));
