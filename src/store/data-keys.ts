import { randomBytes, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Kept, QueryOpening } from '../query/ports.js';
import { keyGone, keyMissing, type DataKey, type DataKeys } from '../secrets/data-keys.js';
import { openBytes, sealBytes, type Seal } from '../secrets/seal.js';
import type { Sql } from './sql.js';

const MAKE = `INSERT INTO data_key (id, participant, day, wrapped) VALUES ($1, $2, $3, $4) ON CONFLICT (participant, day) DO NOTHING`;
const OF = `SELECT id, wrapped FROM data_key WHERE participant = $1 AND day = $2`;
const GET = `SELECT wrapped FROM data_key WHERE id = $1`;

/** Under which nothing is kept any more: what copies of such contents are left somewhere cannot be opened again. */
export const SHRED = `DELETE FROM data_key k WHERE k.day < (now() AT TIME ZONE 'UTC')::date - 1
  AND NOT EXISTS (SELECT FROM payload p WHERE p.sealed = k.id)
  AND NOT EXISTS (SELECT FROM payload_object o WHERE o.sealed = k.id)
  AND NOT EXISTS (SELECT FROM correction c WHERE c.sealed = k.id)`;

interface Row {
  readonly id: string;
  readonly wrapped: string;
}

export const contextOf = (id: string) => `data key ${id}`;

/** Keys of contents as rows; each is unwrapped once a node and hour. */
export class StoredDataKeys implements DataKeys {
  private readonly days = new LRUCache<string, Promise<DataKey>>({ max: 10_000, ttl: 3_600_000 });
  private readonly keys = new LRUCache<string, Promise<Buffer>>({ max: 10_000, ttl: 3_600_000 });

  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  of(participant: string): Promise<DataKey> {
    const day = new Date().toISOString().slice(0, 10);
    return remembered(this.days, `${participant} ${day}`, () => this.today(participant, day));
  }

  get(id: string): Promise<Buffer> {
    return remembered(this.keys, id, async () => {
      const [row] = await this.sql.query<Row & Record<string, unknown>>(GET, [id]);
      if (!row) throw keyGone();
      return this.master().open(row.wrapped, contextOf(id));
    });
  }

  /** A content of a message; the id of the message binds it to its place. */
  async sealContent(participant: string, messageId: string, content: Buffer) {
    const { id, key } = await this.of(participant);
    return { sealed: id, content: sealBytes(key, content, messageId) };
  }

  /** A question, and the answer that is kept with it, under one key. */
  async sealQuery<T extends QueryOpening & { readonly answer?: Kept | null }>(record: T, participant: string) {
    const { id, key } = await this.of(participant);
    const { message, content, answer } = record;
    return {
      ...record,
      sealed: id,
      content: content && sealBytes(key, content, message.id),
      ...(answer && { answer: { ...answer, content: sealBytes(key, answer.content, answer.message.id) } }),
    };
  }

  async openContent(sealed: string | null, messageId: string, content: Buffer): Promise<Buffer> {
    return sealed === null ? content : openBytes(await this.get(sealed), content, messageId);
  }

  private async today(participant: string, day: string): Promise<DataKey> {
    const seal = this.master();
    const id = randomUUID();
    await this.sql.query(MAKE, [id, participant, day, seal.seal(randomBytes(32), contextOf(id))]);
    const [row] = await this.sql.query<Row & Record<string, unknown>>(OF, [participant, day]);
    if (!row) throw keyGone();
    return { id: row.id, key: seal.open(row.wrapped, contextOf(row.id)) };
  }

  private master(): Seal {
    if (!this.seal) throw keyMissing();
    return this.seal;
  }
}

function remembered<T>(cache: LRUCache<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const made = make();
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}
