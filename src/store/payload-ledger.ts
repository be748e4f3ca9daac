import type { PayloadLedger } from '../acceptance/payloads.js';
import { LRUCache } from 'lru-cache';
import type { DataKeys } from '../secrets/data-keys.js';
import type { Sql } from './sql.js';

const LEASE = `now() + $2::float8 * interval '1 millisecond'`;
const BEGIN = `INSERT INTO payload_object (id, leased_until, sealed) VALUES ($1, ${LEASE}, $3)`;
const SEALED = `SELECT sealed FROM payload_object WHERE id = $1`;
const RENEW = `UPDATE payload_object SET leased_until = ${LEASE}
  WHERE id = $1 AND message_id IS NULL AND NOT condemned RETURNING id`;
const CONDEMN = `UPDATE payload_object SET condemned = true, leased_until = now() + interval '1 minute'
  WHERE id = $1 AND message_id IS NULL RETURNING id`;
const ORPHANS = `UPDATE payload_object SET condemned = true, leased_until = now() + interval '1 minute'
  WHERE id IN (SELECT id FROM payload_object WHERE message_id IS NULL AND leased_until < now()
    ORDER BY leased_until LIMIT $1 FOR UPDATE SKIP LOCKED) AND message_id IS NULL RETURNING id`;
const FORGET = `DELETE FROM payload_object WHERE id = $1 AND message_id IS NULL`;

export class LedgerPayloads implements PayloadLedger {
  private readonly known = new LRUCache<string, { readonly key: string | null }>({ max: 10_000 });

  constructor(
    private readonly sql: Sql,
    private readonly keys: Pick<DataKeys, 'of'>,
  ) {}

  async begin(id: string, leaseMs: number, sealFor: string | null = null): Promise<void> {
    const key = sealFor === null ? null : (await this.keys.of(sealFor)).id;
    await this.sql.query(BEGIN, [id, leaseMs, key]);
    this.known.set(id, { key });
  }

  sealedBy = async (id: string): Promise<string | null> => {
    const known = this.known.get(id);
    if (known) return known.key;
    const [row] = await this.sql.query<{ sealed: string | null }>(SEALED, [id]);
    const key = row?.sealed ?? null;
    this.known.set(id, { key });
    return key;
  };

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
