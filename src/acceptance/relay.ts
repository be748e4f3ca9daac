import { setTimeout as pause } from 'node:timers/promises';
import { END_STATES, type DeliveryRef } from '../message/delivery.js';
import type { JournalFeed } from '../trace/ports.js';
import type { Outbox, Publisher, QueueItem, TakeOrder } from './ports.js';
import type { Unclaimed } from './unclaimed.js';
import { FIRST_WINDOW, type Window } from './window.js';

interface RelayParts {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly unclaimed: Unclaimed;
  readonly window: Window;
  /** Deliveries that end may let others of their conversations go. */
  readonly feed: JournalFeed;
  /** Ends what a later number of its conversation has overtaken. */
  readonly overtaken: (refs: readonly DeliveryRef[]) => Promise<void>;
  /** Told when a publish or a sweep fails; the ledger still holds the work. */
  readonly problem: (error: unknown) => void;
}

/** Publishes under way at once; over it the ledger keeps the work until the sweep. */
const MAX_IN_FLIGHT = 2_000;
const SWEEP_EVERY_MS = 500;
/** Who wakes it often is served together. */
const WOKEN_MS = 10;
/** Younger deliveries belong to the process that accepted them. */
const SWEEP_AFTER_MS = 2_000;
/** A little longer than the broker's time limit for one publish; what failed can then be taken again. */
const RESERVE_MS = 12_000;
const SWEEP_LIMIT = 500;
/** While nothing goes out: what is taken is written down as reserved, and all of it for nothing. */
const TRIED_LIMIT = 20;
/** Conversations looked at together, and how long one waits for a number that is missing. */
const ADVANCE = { limit: 500, gapWaitMs: 900_000 };

/**
 * The transactional outbox: moves accepted deliveries from the ledger to the broker. What was just accepted is offered
 * directly and saves a read; everything else (a restart, a broker that was away, retries that are due) comes by the
 * sweep, and so does always what goes in order within a conversation. Of each system only a window lies in the broker (blueprint §5). A delivery may be published twice; its epoch
 * lets the dispatcher drop the second copy.
 */
export interface Relay {
  offer(items: readonly QueueItem[]): void;
  /** Sweeps now instead of at the next tick. */
  nudge(): void;
  /** `sweeps`: false on a node that only offers what it has accepted; another one sees to the rest. */
  start(sweeps: boolean): void;
  stop(): Promise<void>;
}

export function createRelay(parts: RelayParts): Relay {
  const sending = createSending(parts);
  let [stopped, isWoken, isSweeping] = [false, false, false];
  let unsubscribe: () => void = () => undefined;
  let wake: () => void = () => undefined;
  let loop: Promise<void> = Promise.resolve();
  const sweep = async () => {
    const went = await advance(parts);
    const isStuck = sending.isStuck();
    const taken = await parts.outbox.takeUnpublished(sweepOrder(parts.window, isStuck ? TRIED_LIMIT : SWEEP_LIMIT));
    if (!stopped) sending.publish(taken.items);
    parts.window.hold(taken);
    return !isStuck && (went || taken.items.length === SWEEP_LIMIT);
  };
  const run = async () => {
    while (!stopped) {
      isWoken = false;
      const more = await sweep().catch((error: unknown) => (parts.problem(error), false));
      if (more || stopped) continue;
      if (isWoken) await pause(WOKEN_MS);
      else await nextTick((waker) => (wake = waker));
    }
  };
  /** Also while a sweep runs: what it was told of may have come after its look. */
  const nudge = () => {
    isWoken = true;
    wake();
  };

  return {
    offer: (items) => {
      if (stopped) return;
      for (const item of items) {
        if (!item.delivery.order && !parts.window.isFull(systemOf(item))) sending.publish([item]);
        else if (isSweeping && !item.delivery.order) parts.window.refused(systemOf(item));
      }
      if (items.some(({ delivery }) => delivery.order)) nudge();
    },
    nudge,
    start: (sweeps) => {
      unsubscribe = parts.feed.subscribe((events) => {
        if (events.some(({ detail, to }) => detail.conversation !== undefined && to && END_STATES.includes(to)))
          nudge();
      });
      parts.window.onLow(nudge);
      parts.unclaimed.start();
      isSweeping = sweeps;
      if (sweeps) loop = run();
    },
    stop: async () => {
      stopped = true;
      unsubscribe();
      wake();
      await loop;
      await sending.idle();
      await parts.unclaimed.stop();
    },
  };
}

/** True where a delivery may go now that could not before. */
async function advance({ outbox, overtaken }: Pick<RelayParts, 'outbox' | 'overtaken'>): Promise<boolean> {
  const advanced = await outbox.advance(ADVANCE);
  if (advanced.overtaken.length > 0) await overtaken(advanced.overtaken);
  return advanced.went > 0;
}

function createSending({ publisher, unclaimed, window, problem }: RelayParts) {
  const inFlight = new Map<string, Promise<void>>();
  let [confirmed, failed, wasStuck] = [0, 0, false];
  const send = async (item: QueueItem) => {
    try {
      await publisher.publish(item);
      confirmed += 1;
      unclaimed.add(item);
    } catch (error) {
      failed += 1;
      window.leave(systemOf(item), false);
      problem(error);
    } finally {
      inFlight.delete(turnOf(item));
    }
  };
  return {
    publish: (items: readonly QueueItem[]) => {
      for (const item of items) {
        if (inFlight.size >= MAX_IN_FLIGHT) return;
        if (inFlight.has(turnOf(item)) || unclaimed.has(item)) continue;
        window.enter(systemOf(item));
        inFlight.set(turnOf(item), send(item));
      }
    },
    /** Whether all that ended since the last time has failed; where nothing ended, as it was. */
    isStuck: () => {
      if (confirmed + failed > 0) wasStuck = confirmed === 0;
      [confirmed, failed] = [0, 0];
      return wasStuck;
    },
    idle: () => Promise.all(inFlight.values()),
  };
}

const sweepOrder = (window: Window, limit: number): TakeOrder => ({
  limit,
  window: FIRST_WINDOW,
  olderThanMs: SWEEP_AFTER_MS,
  reserveMs: RESERVE_MS,
  systems: window.known(),
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
