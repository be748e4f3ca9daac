import type { PayloadLedger } from '../acceptance/payloads.js';
import type { Sql } from './sql.js';

const LEASE = `now() + $2::float8 * interval '1 millisecond'`;
const BEGIN = `INSERT INTO payload_object (id, leased_until) VALUES ($1, ${LEASE})`;
const RENEW = `UPDATE payload_object SET leased_until = ${LEASE}
  WHERE id = $1 AND message_id IS NULL AND NOT condemned RETURNING id`;
const CONDEMN = `UPDATE payload_object SET condemned = true, leased_until = now() + interval '1 minute'
  WHERE id = $1 AND message_id IS NULL RETURNING id`;
const ORPHANS = `UPDATE payload_object SET condemned = true, leased_until = now() + interval '1 minute'
  WHERE id IN (SELECT id FROM payload_object WHERE message_id IS NULL AND leased_until < now()
    ORDER BY leased_until LIMIT $1 FOR UPDATE SKIP LOCKED) AND message_id IS NULL RETURNING id`;
const FORGET = `DELETE FROM payload_object WHERE id = $1 AND message_id IS NULL`;

export class LedgerPayloads implements PayloadLedger {
  constructor(private readonly sql: Sql) {}

  async begin(id: string, leaseMs: number): Promise<void> {
    await this.sql.query(BEGIN, [id, leaseMs]);
  }

  async renew(id: string, leaseMs: number): Promise<boolean> {
    return (await this.sql.query(RENEW, [id, leaseMs])).length === 1;
  }

  async condemn(id: string): Promise<boolean> {
    return (await this.sql.query(CONDEMN, [id])).length === 1;
  }

  async condemnOrphans(limit: number): Promise<readonly string[]> {
    return (await this.sql.query<{ id: string }>(ORPHANS, [limit])).map(({ id }) => id);
  }

  async forget(id: string): Promise<void> {
    await this.sql.query(FORGET, [id]);
  }
}
