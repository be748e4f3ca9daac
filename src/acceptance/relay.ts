import { setTimeout as pause } from 'node:timers/promises';
import type { Outbox, Publisher, QueueItem } from './ports.js';
import type { Unclaimed } from './unclaimed.js';

interface RelayParts {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly unclaimed: Unclaimed;
  /** Told when a publish or a sweep fails; the ledger still holds the work. */
  readonly problem: (error: unknown) => void;
}

/** Publishes under way at once; over it the ledger keeps the work until the sweep. */
const MAX_IN_FLIGHT = 2_000;
const SWEEP_EVERY_MS = 500;
/** Younger deliveries belong to the process that accepted them. */
const SWEEP_AFTER_MS = 2_000;
/** A little longer than the broker's time limit for one publish; what failed can then be taken again. */
const RESERVE_MS = 12_000;
const SWEEP_LIMIT = 500;
const PER_SYSTEM = 200;

/**
 * The transactional outbox: moves accepted deliveries from the ledger to the broker. What was just accepted is offered
 * directly and saves a read; everything else (a restart, a broker that was away, retries that are due) comes by the
 * sweep. A delivery may be published twice; its epoch lets the dispatcher drop the second copy.
 */
export interface Relay {
  offer(items: readonly QueueItem[]): void;
  /** Sweeps now instead of at the next tick. */
  nudge(): void;
  start(): void;
  stop(): Promise<void>;
}

export function createRelay(parts: RelayParts): Relay {
  const inFlight = new Map<string, Promise<void>>();
  let stopped = false;
  let wake: () => void = () => undefined;
  let loop: Promise<void> = Promise.resolve();

  const send = async (item: QueueItem) => {
    try {
      await parts.publisher.publish(item);
      parts.unclaimed.add(item);
    } catch (error) {
      parts.problem(error);
    } finally {
      inFlight.delete(turnOf(item));
    }
  };
  const offer = (items: readonly QueueItem[]) => {
    for (const item of items) {
      if (stopped || inFlight.size >= MAX_IN_FLIGHT || inFlight.has(turnOf(item))) continue;
      if (parts.unclaimed.has(item)) continue;
      inFlight.set(turnOf(item), send(item));
    }
  };
  const sweep = async () => {
    const order = { limit: SWEEP_LIMIT, perSystem: PER_SYSTEM, olderThanMs: SWEEP_AFTER_MS, reserveMs: RESERVE_MS };
    const items = await parts.outbox.takeUnpublished(order);
    offer(items);
    return items.length === SWEEP_LIMIT;
  };
  const run = async () => {
    while (!stopped) {
      const more = await sweep().catch((error: unknown) => (parts.problem(error), false));
      if (!more && !stopped) await nextTick((waker) => (wake = waker));
    }
  };

  return {
    offer,
    nudge: () => wake(),
    start: () => {
      parts.unclaimed.start();
      loop = run();
    },
    stop: async () => {
      stopped = true;
      wake();
      await loop;
      await Promise.all(inFlight.values());
      await parts.unclaimed.stop();
    },
  };
}

/** A delivery comes again under a new epoch; each turn is published on its own. */
const turnOf = ({ deliveryId, epoch }: QueueItem) => `${deliveryId} ${epoch}`;

/** Resolves after the sweep interval, or as soon as the waker is called. */
async function nextTick(expose: (waker: () => void) => void): Promise<void> {
  const early = new AbortController();
  expose(() => early.abort());
  await pause(SWEEP_EVERY_MS, undefined, { signal: early.signal }).catch(() => undefined);
}
