import type { Allowances, Lease, Want } from '../policy/limits/allowances.js';
import type { Sql } from './sql.js';

const UTC = (unit: 'day' | 'month') =>
  `(date_trunc('${unit}', now() AT TIME ZONE 'UTC') + interval '1 ${unit}') AT TIME ZONE 'UTC'`;

/** $1 wants (JSON). `granted` is what the last lease got; in order, so that two nodes do not lock each other out. */
const LEASE = `
WITH wanted AS MATERIALIZED (
  SELECT key, most, debt, least(count, greatest(0, most - greatest(0, debt))) AS count,
    CASE unit WHEN 'day' THEN ${UTC('day')} WHEN 'month' THEN ${UTC('month')}
      ELSE now() + seconds * interval '1 second' END AS until
  FROM json_to_recordset($1::json) AS w(key text, most bigint, count bigint, debt bigint, unit text, seconds float8)
)
INSERT INTO allowance AS a (key, until, most, used, granted)
SELECT key, until, most, debt + count, count FROM wanted ORDER BY key
ON CONFLICT (key) DO UPDATE SET until = CASE WHEN a.until > now() THEN a.until ELSE excluded.until END,
  most = excluded.most,
  granted = CASE WHEN a.until > now()
    THEN least(excluded.granted, greatest(0, excluded.most - greatest(0, a.used + excluded.used - excluded.granted)))
    ELSE excluded.granted END,
  used = CASE WHEN a.until > now()
    THEN greatest(0, a.used + excluded.used - excluded.granted) +
      least(excluded.granted, greatest(0, excluded.most - greatest(0, a.used + excluded.used - excluded.granted)))
    ELSE greatest(0, excluded.used) END
RETURNING key, granted::float8, used::float8, greatest(0, extract(epoch FROM until - now()) * 1000)::float8 AS "resetMs"`;

/** Counters that are over by so much tell nothing any more. */
export const FORGET_ALLOWANCES = `DELETE FROM allowance WHERE until < now() - interval '1 day'`;

/** Limits as rows, one a counter. */
export class StoredAllowances implements Allowances {
  constructor(private readonly sql: Sql) {}

  async lease(wants: readonly Want[]): Promise<readonly Lease[]> {
    if (wants.length === 0) return [];
    const rows = wants.map(({ window, ...want }) =>
      typeof window === 'number' ? { ...want, seconds: window } : { ...want, unit: window },
    );
    return this.sql.query<Lease & Record<string, unknown>>(LEASE, [JSON.stringify(rows)]);
  }
}
