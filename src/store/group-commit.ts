import { Fault } from '../message/fault.js';
import { isAway, isConflict, storeFault } from './faults.js';

export interface GroupLimits<T> {
  /** Items in one batch. */
  readonly maxItems: number;
  /** Bytes in one batch; one item alone may be bigger. */
  readonly maxBytes: number;
  /**
   * Milliseconds between the starts of two batches that are not full, longer where a batch takes longer than half of it: under load
   * fewer, bigger ones.
   */
  readonly paceMs: number;
  /** Batches under way at once. */
  readonly concurrency: number;
  /** Items that may wait; over it a submission is refused. */
  readonly maxQueued: number;
  /** Bytes that may wait; one item alone may be more. */
  readonly maxQueuedBytes: number;
  /** Milliseconds: while one has waited longer than this for its batch, no other is taken. Left out: however long. */
  readonly maxWaitMs?: number;
  readonly bytesOf: (item: T) => number;
  /** Items of which it tells different things are never in one batch; left out: any may be. */
  readonly apart?: (item: T) => unknown;
  /** Items of which it tells the same are never in one batch: the second one finds what the first has written. Left out: they may be. */
  readonly sameAs?: (item: T) => unknown;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly bytes: number;
  readonly kind: unknown;
  /** By `performance.now`. */
  readonly since: number;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** A batch that took longer was held up by something else than its own work. */
const LONG_BATCH_MS = 15;

/**
 * Many callers, one commit: what comes within the pace of the last batch gathers for the next one; who comes alone does
 * not wait. `flush` answers item by item, in order. A batch that fails for a reason of its data is split, so that one poison item fails alone; when the
 * store is away all of them fail with Fault store-unavailable.
 */
export class GroupCommit<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private waitingBytes = 0;
  private running = 0;
  private cancel: (() => void) | null = null;
  private started = -Infinity;
  private lastMs = 0;
  private idle: (() => void)[] = [];

  constructor(
    private readonly flush: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly limits: GroupLimits<T>,
  ) {}

  /** Throws Fault overloaded when too many wait, or too long. */
  submit(item: T): Promise<R> {
    const bytes = this.limits.bytesOf(item);
    if (this.isFull(bytes)) {
      const detail = 'Too many messages wait for the ledger.';
      return Promise.reject(new Fault('overloaded', { detail, retryAfterSeconds: 1 }));
    }
    return new Promise<R>((resolve, reject) => {
      const kind = this.limits.apart?.(item);
      this.waiting.push({ item, bytes, kind, since: performance.now(), resolve, reject });
      this.waitingBytes += bytes;
      this.schedule();
    });
  }

  /** Resolves when nothing waits or is under way. */
  async drain(): Promise<void> {
    if (this.waiting.length > 0 || this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private isFull(bytes: number): boolean {
    const { maxQueued, maxQueuedBytes, maxWaitMs = Infinity } = this.limits;
    const { length, 0: first } = this.waiting;
    if (first === undefined) return false;
    const isLate = performance.now() - first.since > maxWaitMs;
    return isLate || length >= maxQueued || this.waitingBytes + bytes > maxQueuedBytes;
  }

  private schedule(): void {
    if (this.running >= this.limits.concurrency) return;
    const isFull = this.waiting.length >= this.limits.maxItems;
    if (this.cancel !== null && !isFull) return;
    this.cancel?.();
    const pace = Math.max(this.limits.paceMs, 2 * Math.min(this.lastMs, LONG_BATCH_MS));
    const rest = isFull ? 0 : this.started + pace - performance.now();
    this.cancel = after(rest, () => this.start());
  }

  private start(): void {
    this.cancel = null;
    if (this.waiting.length === 0 || this.running >= this.limits.concurrency) return;
    this.running++;
    const started = (this.started = performance.now());
    void this.commit(this.next()).then(() => {
      this.lastMs = performance.now() - started;
      this.running--;
      if (this.waiting.length > 0) this.schedule();
      else if (this.running === 0) for (const done of this.idle.splice(0)) done();
    });
    if (this.waiting.length > 0) this.schedule();
  }

  /** As many as fit of those that go with the first one; the others stay in their order. */
  private next(): Waiting<T, R>[] {
    const { maxItems, maxBytes } = this.limits;
    const batch: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const taken = new Set<unknown>();
    let bytes = 0;
    let at = 0;
    for (; at < this.waiting.length && batch.length < maxItems; at++) {
      const entry = this.waiting[at]!;
      const key = this.limits.sameAs?.(entry.item) ?? entry;
      const isLater = taken.has(key) || (batch.length > 0 && entry.kind !== batch[0]!.kind);
      if (!isLater && batch.length > 0 && bytes + entry.bytes > maxBytes) break;
      (isLater ? left : batch).push(entry);
      taken.add(key);
      if (!isLater) bytes += entry.bytes;
    }
    this.waiting = [...left, ...this.waiting.slice(at)];
    this.waitingBytes -= bytes;
    return batch;
  }

  /** Never rejects: each entry is told on its own. */
  private async commit(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.flush(batch.map((entry) => entry.item));
      batch.forEach((entry, index) => entry.resolve(results[index]!));
    } catch (error) {
      if (batch.length === 1 || error instanceof Fault || isAway(error) || isConflict(error)) {
        for (const entry of batch) entry.reject(storeFault(error));
        return;
      }
      const half = batch.length >> 1;
      await this.commit(batch.slice(0, half));
      await this.commit(batch.slice(half));
    }
  }
}

/** Calls back after the time, in this turn of the event loop where there is none left. Returns how to call it off. */
function after(ms: number, then: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  }
  const turn = setImmediate(then);
  return () => clearImmediate(turn);
}
