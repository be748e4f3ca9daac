import { setTimeout as pause } from 'node:timers/promises';
import type { Outbox, Publisher, QueueItem, TakeOrder } from './ports.js';
import type { Unclaimed } from './unclaimed.js';
import type { Window } from './window.js';

interface RelayParts {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly unclaimed: Unclaimed;
  readonly window: Window;
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

/**
 * The transactional outbox: moves accepted deliveries from the ledger to the broker. What was just accepted is offered
 * directly and saves a read; everything else (a restart, a broker that was away, retries that are due) comes by the
 * sweep. Of each system only a window lies in the broker (blueprint §5). A delivery may be published twice; its epoch
 * lets the dispatcher drop the second copy.
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
      parts.window.leave(systemOf(item));
      parts.problem(error);
    } finally {
      inFlight.delete(turnOf(item));
    }
  };
  const publish = (items: readonly QueueItem[]) => {
    for (const item of items) {
      if (stopped || inFlight.size >= MAX_IN_FLIGHT) return;
      if (inFlight.has(turnOf(item)) || parts.unclaimed.has(item)) continue;
      parts.window.enter(systemOf(item));
      inFlight.set(turnOf(item), send(item));
    }
  };
  const sweep = async () => {
    const { items, marked } = await parts.outbox.takeUnpublished(sweepOrder(parts.window));
    publish(items);
    parts.window.hold(marked);
    return items.length === SWEEP_LIMIT;
  };
  const run = async () => {
    while (!stopped) {
      const more = await sweep().catch((error: unknown) => (parts.problem(error), false));
      if (!more && !stopped) await nextTick((waker) => (wake = waker));
    }
  };

  return {
    offer: (items) => {
      for (const item of items) if (!parts.window.isFull(systemOf(item))) publish([item]);
    },
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

const sweepOrder = (window: Window): TakeOrder => ({
  limit: SWEEP_LIMIT,
  window: window.size,
  olderThanMs: SWEEP_AFTER_MS,
  reserveMs: RESERVE_MS,
  unmarked: window.unmarked(),
});

/** A delivery comes again under a new epoch; each turn is published on its own. */
const turnOf = ({ deliveryId, epoch }: QueueItem) => `${deliveryId} ${epoch}`;
const systemOf = ({ delivery }: QueueItem) => delivery.receiver.system;

/** Resolves after the sweep interval, or as soon as the waker is called. */
async function nextTick(expose: (waker: () => void) => void): Promise<void> {
  const early = new AbortController();
  expose(() => early.abort());
  await pause(SWEEP_EVERY_MS, undefined, { signal: early.signal }).catch(() => undefined);
}
