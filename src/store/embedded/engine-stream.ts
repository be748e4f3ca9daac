import { Duplex } from 'node:stream';
import type { Engine } from './engine.js';

const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;
/** What a server says before the first query: AuthenticationOk, then ReadyForQuery (PostgreSQL 15 §55.7). */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/**
 * The socket that node-postgres believes it has: it gathers protocol messages up to the one that asks for an answer and
 * exchanges them with the engine. One at a time may be open, since the engine has one session.
 */
export class EngineStream extends Duplex {
  private pending: Buffer = Buffer.alloc(0);
  private started = false;

  constructor(private readonly engine: Engine) {
    super();
  }

  /** What node-postgres calls on a socket. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    this.forward().then(
      () => done(),
      (error: Error) => done(error),
    );
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  private async forward(): Promise<void> {
    if (!this.started) await this.start();
    const length = completeRequest(this.pending);
    if (length === 0) return;
    const request = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    this.push(await this.engine.exchange(request));
  }

  /** The start-up message has no type byte. The session may have been left in a transaction by a lost client. */
  private async start(): Promise<void> {
    if (this.pending.length < 4 || this.pending.length < this.pending.readInt32BE(0)) return;
    this.pending = this.pending.subarray(this.pending.readInt32BE(0));
    this.started = true;
    await this.engine.exchange(simpleQuery('ROLLBACK'));
    await this.engine.exchange(simpleQuery('DISCARD ALL'));
    this.push(WELCOME);
  }
}

/** Length of the messages up to the last one that wants an answer; 0 where there is none yet. */
export function completeRequest(bytes: Buffer): number {
  let end = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    const next = at + 1 + bytes.readInt32BE(at + 1);
    if (next > bytes.length || bytes[at] === TERMINATE) break;
    if (bytes[at] === SYNC || bytes[at] === QUERY) end = next;
    at = next;
  }
  return end;
}

function simpleQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head[0] = QUERY;
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
