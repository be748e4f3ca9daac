import { TokenBucket } from 'limiter';
import type { KnownSystem, Taken } from './ports.js';

/**
 * What of each receiving system may lie in the broker: a bounded window; the rest waits in the ledger, where it is decided who
 * is next. It counts what this process has published and nobody has claimed or marked yet; what is marked is counted by the
 * ledger (`hold`), a sweep ago. The window of a system is what it takes in two seconds, within bounds: a longer queue in
 * the broker would let nobody overtake.
 */
export interface Window {
  /** True where nothing may go past the ledger: the window is full, others wait, or the system is spared. */
  isFull(system: string): boolean;
  /** For the ledger: every system of which this process knows something. */
  known(): ReadonlyMap<string, KnownSystem>;
  /** Systems for which something waits in the ledger. */
  waiting(): number;
  enter(system: string): void;
  /** `isTaken`: a dispatcher has it, of this process or another. */
  leave(system: string, isTaken: boolean): void;
  /** Something was refused by isFull: it waits in the ledger. */
  refused(system: string): void;
  /** What the ledger has counted and given, in place of the last time. */
  hold(taken: Pick<Taken, 'items' | 'marked' | 'rooms' | 'circuits'>): void;
  /** Told when a system for which others wait has taken half of its window. */
  onLow(listener: () => void): void;
}

/** Never more than this of one system in RabbitMQ, for each process. */
export const SYSTEM_WINDOW = 1_000;
/** Of a system that no process knows anything of yet: eight rounds of its default concurrency. */
export const FIRST_WINDOW = 32;
const ROUNDS = 8;
const SECONDS = 2;

interface WindowParts {
  readonly most: number;
  /** Deliveries of a system under way at once. */
  readonly concurrency: (system: string) => number;
  /** Deliveries a second of each system that has such a limit. */
  readonly rates: () => ReadonlyMap<string, number>;
  /** Milliseconds. */
  readonly now: () => number;
}

export function createWindow({ most, concurrency, rates, now }: WindowParts): Window {
  const limits = createLimits(rates);
  const counts = new Map<string, number>();
  const pace = createPace(now);
  const waiting = new Set<string>();
  let [marked, spared]: [Readonly<Record<string, number>>, ReadonlySet<string>] = [{}, new Set()];
  let low: () => void = () => undefined;
  const countOf = (system: string) => counts.get(system) ?? 0;
  const set = (system: string, count: number) => (count > 0 ? counts.set(system, count) : counts.delete(system));
  const sizeOf = (system: string) =>
    Math.min(most, Math.max(ROUNDS * concurrency(system), Math.ceil(SECONDS * pace.of(system))));
  return {
    isFull: (system) =>
      waiting.has(system) ||
      limits.left(system) === 0 ||
      spared.has(system) ||
      countOf(system) + (marked[system] ?? 0) >= sizeOf(system),
    known: () =>
      new Map(
        [...new Set([...counts.keys(), ...waiting, ...rates().keys()])].map((system) => [
          system,
          { size: sizeOf(system), unmarked: countOf(system), atMost: limits.left(system) },
        ]),
      ),
    waiting: () => waiting.size,
    enter: (system) => {
      limits.take(system);
      set(system, countOf(system) + 1);
    },
    leave: (system, isTaken) => {
      set(system, countOf(system) - 1);
      if (isTaken) pace.note(system);
      if (isTaken && waiting.has(system) && countOf(system) <= sizeOf(system) / 2) low();
    },
    refused: (system) => void waiting.add(system),
    hold: ({ items, rooms, circuits, ...counted }) => {
      marked = counted.marked;
      spared = new Set(circuits);
      const given = new Map<string, number>();
      for (const { delivery } of items)
        given.set(delivery.receiver.system, (given.get(delivery.receiver.system) ?? 0) + 1);
      for (const system of waiting) if (!(system in rooms)) waiting.delete(system);
      for (const [system, room] of Object.entries(rooms))
        if ((given.get(system) ?? 0) >= room) waiting.add(system);
        else waiting.delete(system);
    },
    onLow: (listener) => void (low = listener),
  };
}

/** Of systems with a rate: how many may go at this moment. */
/**
 * A second's worth at most at once. What has been given by another way in the meantime is owed: over several seconds the rate
 * holds.
 */
function createLimits(rates: () => ReadonlyMap<string, number>) {
  const buckets = new Map<string, { readonly rate: number; readonly bucket: TokenBucket }>();
  const bucketOf = (system: string) => {
    const rate = rates().get(system);
    if (rate === undefined) return null;
    const known = buckets.get(system);
    if (known?.rate === rate) return known.bucket;
    const bucket = new TokenBucket({ bucketSize: rate, tokensPerInterval: rate, interval: 'second' });
    bucket.content = rate;
    buckets.set(system, { rate, bucket });
    return bucket;
  };
  return {
    /** Null: no limit. */
    left: (system: string) => {
      const bucket = bucketOf(system);
      bucket?.drip();
      return bucket && Math.max(0, Math.floor(bucket.content));
    },
    take: (system: string) => {
      const bucket = bucketOf(system);
      bucket?.drip();
      if (bucket) bucket.content -= 1;
    },
  };
}

/** How many each system has taken in this second or the one before, whichever were more. */
function createPace(now: () => number) {
  const seen = new Map<string, { second: number; count: number; before: number }>();
  const turned = (system: string) => {
    const second = Math.floor(now() / 1_000);
    const last = seen.get(system);
    if (last?.second === second) return last;
    const next = { second, count: 0, before: last?.second === second - 1 ? last.count : 0 };
    seen.set(system, next);
    return next;
  };
  return {
    note: (system: string) => void (turned(system).count += 1),
    of: (system: string) => (seen.has(system) ? Math.max(turned(system).count, turned(system).before) : 0),
  };
}
