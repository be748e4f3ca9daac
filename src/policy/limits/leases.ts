import { LRUCache } from 'lru-cache';
import type { Allowances, Lease } from './allowances.js';
import { Bucket } from './bucket.js';
import { keyOf, type Limit } from './limit.js';

interface LeaseParts {
  readonly allowances: Allowances;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told once a window that a limit is used up. */
  readonly reached: (limit: Limit) => void;
  readonly problem: (error: unknown) => void;
}

/** What this node has of each limit: taken from the ledger in slices, so that a message asks memory alone. */
export interface Leases {
  /** Null where so much was taken; else milliseconds until the limit is free again. Never throws. */
  take(limit: Limit, count: number): Promise<number | null>;
  /** What is left over all nodes, as far as this one knows. */
  state(limit: Limit): { readonly left: number; readonly resetMs: number };
  /** Gives back what was not used. */
  stop(): Promise<void>;
}

const MAX_BUCKETS = 50_000;
/** A ledger that has not answered by then is taken for away. */
const PATIENCE_MS = 500;
/** While it is away it is asked so often. */
const AWAY_MS = 1_000;
const GIVEN_BACK_AT_ONCE = 1_000;

/**
 * While the ledger is away each node holds every limit by itself: at most the limit a node and window. What was used then is
 * counted when it is back, where the window still runs.
 */
export function createLeases(parts: LeaseParts): Leases {
  const { allowances, now, problem } = parts;
  const buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS });
  const queue = new LeaseQueue(parts);
  return {
    take: (limit, count) => {
      const key = keyOf(limit);
      const known = buckets.get(key);
      const bucket = known?.fits(limit, now()) ? known : new Bucket(limit, now(), known);
      if (bucket !== known) buckets.set(key, bucket);
      return queue.take(bucket, count);
    },
    state: (limit) => {
      const known = buckets.peek(keyOf(limit));
      return known?.fits(limit, now())
        ? { left: known.left(), resetMs: known.resetMs(now()) }
        : { left: limit.count, resetMs: 0 };
    },
    stop: async () => {
      await queue.idle();
      const wants = [...buckets.values()].flatMap((bucket) => bucket.rest(now()));
      for (let at = 0; at < wants.length; at += GIVEN_BACK_AT_ONCE)
        await allowances.lease(wants.slice(at, at + GIVEN_BACK_AT_ONCE)).catch(problem);
    },
  };
}

interface Waiter {
  readonly bucket: Bucket;
  readonly count: number;
  readonly done: (resetMs: number | null) => void;
}

/** Those who wait for a slice: one question to the ledger at a time, for all of them. */
class LeaseQueue {
  private waiting: Waiter[] = [];
  private asking: Promise<void> | null = null;
  private awayUntil = 0;

  constructor(private readonly parts: LeaseParts) {}

  take(bucket: Bucket, count: number): Promise<number | null> {
    return new Promise((done) => {
      const waiter = { bucket, count, done };
      if (this.settle(waiter)) return;
      this.waiting.push(waiter);
      // Whoever comes in the same turn is asked for with it.
      this.asking ??= Promise.resolve().then(() => this.run());
    });
  }

  async idle(): Promise<void> {
    await this.asking;
  }

  /** True where the waiter has its answer. */
  private settle({ bucket, count, done }: Waiter): boolean {
    const now = this.parts.now();
    const taken = bucket.take(count, now);
    if (taken === 'ask') return false;
    if (taken === 'refused' && bucket.firstRefusal()) this.parts.reached(bucket.limit);
    done(taken === 'refused' ? bucket.resetMs(now) : null);
    return true;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const asked = this.waiting;
      this.waiting = [];
      await this.ask(asked);
      this.waiting = [...asked.filter((one) => !this.settle(one)), ...this.waiting];
    }
    this.asking = null;
  }

  private async ask(asked: readonly Waiter[]): Promise<void> {
    const { allowances, now, problem } = this.parts;
    const demand = new Map<Bucket, number>();
    for (const { bucket, count } of asked) demand.set(bucket, (demand.get(bucket) ?? 0) + count);
    const at = now();
    try {
      if (at < this.awayUntil) return grantAll(demand, at);
      const wants = [...demand].map(([bucket, count]) => bucket.want(count));
      const leases = byKey(await within(allowances.lease(wants), PATIENCE_MS));
      for (const [bucket] of demand) bucket.granted(leases.get(bucket.key)!, at);
    } catch (error) {
      problem(error);
      this.awayUntil = now() + AWAY_MS;
      grantAll(demand, now());
    }
  }
}

const grantAll = (demand: ReadonlyMap<Bucket, number>, now: number) =>
  demand.forEach((count, bucket) => bucket.grantItself(count, now));

const byKey = (leases: readonly Lease[]) => new Map(leases.map((lease) => [lease.key, lease]));

/** A lease that comes later is lost: it counts as used. */
function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the ledger has not answered')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
