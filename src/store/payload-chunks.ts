import { bulkhead } from 'cockatiel';
import type { PayloadStore } from '../acceptance/payloads.js';
import { Fault } from '../message/fault.js';
import { chunked } from '../payloads/chunked.js';
import type { Sql } from './sql.js';

const CHUNK_BYTES = 1024 * 1024;
/** Statements at once over all payloads: the rest of the pool is left to messages. */
const STATEMENTS = 3;

const INSERT = `INSERT INTO payload_chunk (payload_id, number, bytes) VALUES ($1, $2, $3)`;
const SELECT = `SELECT bytes FROM payload_chunk WHERE payload_id = $1 AND number = $2`;
const DELETE = `DELETE FROM payload_chunk WHERE payload_id = $1 AND number >= $2 AND number < $2 + 64 RETURNING number`;

/** Payloads as rows of 1 MiB, each a transaction of its own. */
export class PayloadChunks implements PayloadStore {
  private readonly turn = bulkhead(STATEMENTS, Infinity);

  constructor(private readonly sql: Sql) {}

  async write(id: string, source: AsyncIterable<Buffer>): Promise<void> {
    let number = 0;
    for await (const bytes of chunked(source, CHUNK_BYTES)) await this.run(INSERT, [id, number++, bytes]);
  }

  async *read(id: string, from: number, to: number): AsyncIterable<Buffer> {
    for (let at = from; at < to;) {
      const number = Math.floor(at / CHUNK_BYTES);
      const [row] = await this.run<{ bytes: Buffer }>(SELECT, [id, number]);
      const start = at - number * CHUNK_BYTES;
      const bytes = row?.bytes.subarray(start, start + to - at) ?? Buffer.alloc(0);
      if (bytes.length === 0) throw new Fault('store-unavailable', { detail: `Payload ${id} has no byte ${at}.` });
      yield bytes;
      at += bytes.length;
    }
  }

  async remove(id: string): Promise<void> {
    let number = 0;
    while ((await this.run(DELETE, [id, number])).length > 0) number += 64;
  }

  private run<T extends object>(text: string, values: readonly unknown[]): Promise<T[]> {
    return this.turn.execute(() => this.sql.query<T & Record<string, unknown>>(text, values));
  }
}
