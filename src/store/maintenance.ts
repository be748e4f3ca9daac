import type { InForce, Maintenance, MaintenanceStore } from '../maintenance/ports.js';
import type { Sql } from './sql.js';

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const IN_FORCE = `(m.until IS NULL OR m.until > now())`;
const SHOWN = `m.operator, m.reason, m.since, m.until, (extract(epoch FROM m.until - now()) * 1000)::float8 AS left_ms`;

/** What is over goes with the first look after its time, and is written down by whoever has looked: once for all nodes. */
const READ = `
WITH lapsed AS (DELETE FROM maintenance m WHERE NOT ${IN_FORCE} RETURNING m.reason, m.since, m.until),
told AS (INSERT INTO audit (at, event, operator, detail)
  SELECT now(), 'maintenance.ended', 'gateway',
    jsonb_build_object('reason', reason, 'since', ${iso('since')}, 'until', ${iso('until')}) FROM lapsed)
SELECT ${SHOWN} FROM maintenance m WHERE ${IN_FORCE}`;

/** $1 operator, $2 reason, $3 until. */
const BEGIN = `
INSERT INTO maintenance AS m (name, operator, reason, since, until) VALUES ('gateway', $1, $2, now(), $3)
ON CONFLICT (name) DO UPDATE SET operator = excluded.operator, reason = excluded.reason, until = excluded.until,
  since = CASE WHEN ${IN_FORCE} THEN m.since ELSE now() END
RETURNING ${SHOWN}`;

const END = `DELETE FROM maintenance m RETURNING ${SHOWN}, ${IN_FORCE} AS held`;

type Row = Maintenance & { readonly left_ms: number | null };

const maintenanceOf = ({ operator, reason, since, until }: Row): Maintenance => ({ operator, reason, since, until });
const inForceOf = (row: Row): InForce => ({ maintenance: maintenanceOf(row), leftMs: row.left_ms });

export class StoredMaintenance implements MaintenanceStore {
  constructor(private readonly sql: Sql) {}

  async read(): Promise<InForce | null> {
    const [row] = await this.sql.query<Row>(READ);
    return row ? inForceOf(row) : null;
  }

  async begin({ operator, reason, until }: Pick<Maintenance, 'operator' | 'reason' | 'until'>): Promise<InForce> {
    await this.read();
    const [row] = await this.sql.query<Row>(BEGIN, [operator, reason, until]);
    return inForceOf(row!);
  }

  async end(): Promise<Maintenance | null> {
    await this.read();
    const [row] = await this.sql.query<Row & { readonly held: boolean }>(END);
    return row?.held ? maintenanceOf(row) : null;
  }
}
