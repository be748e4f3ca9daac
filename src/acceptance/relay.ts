import { setTimeout as pause } from 'node:timers/promises';
import { END_STATES, type DeliveryRef } from '../message/delivery.js';
import type { JournalFeed } from '../trace/ports.js';
import type { NewDelivery, Outbox, Publisher, QueueItem, TakeOrder } from './ports.js';
import { createSending, systemOf } from './sending.js';
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

const SWEEP_EVERY_MS = 500;
/** Who wakes it often is served together. */
const WOKEN_MS = 10;
/** What the process that accepts publishes itself: should it end before, a relay takes it after this time. */
const OWN_MS = 4_000;
/** A little longer than the broker's time limit for one publish; what failed can then be taken again. */
const RESERVE_MS = 12_000;
const SWEEP_LIMIT = 500;
/** While nothing goes out: what is taken is written down as reserved, and all of it for nothing. */
const TRIED_LIMIT = 20;
/** Conversations looked at together, and how long one waits for a number that is missing. */
const ADVANCE = { limit: 500, gapWaitMs: 900_000 };

/** A delivery that was just accepted. */
export interface Offer {
  readonly item: QueueItem;
  /** It has its place in the window: this process publishes it. */
  readonly isReserved: boolean;
}

/**
 * The transactional outbox: moves accepted deliveries from the ledger to the broker. What was just accepted is offered
 * directly where the window has a place for it, and saves a read; everything else (a restart, a broker that was away, retries that are due) comes by the
 * sweep, and so does always what goes in order within a conversation. Of each system only a window lies in the broker (blueprint §5). A delivery may be published twice; its epoch
 * lets the dispatcher drop the second copy.
 */
export interface Relay {
  /** Before acceptance: with a place in the window of its system, or without where there is none or it goes in order. */
  reserve(delivery: NewDelivery): NewDelivery;
  /** Gives back the places of what was not accepted. */
  release(deliveries: readonly NewDelivery[]): void;
  /** After acceptance. */
  offer(offers: readonly Offer[]): void;
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
    if (!stopped) for (const item of taken.items) sending.enter(item);
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
    reserve: (delivery) => (stopped ? delivery : reserve(delivery, parts.window)),
    release: (deliveries) => release(deliveries, parts.window),
    offer: (offers) => {
      if (stopped) return;
      for (const { item, isReserved } of offers) {
        if (isReserved) sending.publish(item);
        else if (isSweeping && !item.delivery.order) parts.window.refused(systemOf(item));
      }
      if (offers.some(({ item }) => item.delivery.order)) nudge();
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

function reserve(delivery: NewDelivery, window: Window): NewDelivery {
  const { system } = delivery.receiver;
  if (delivery.order || window.isFull(system)) return delivery;
  window.enter(system);
  return { ...delivery, reserveMs: OWN_MS };
}

function release(deliveries: readonly NewDelivery[], window: Window): void {
  for (const { receiver, reserveMs } of deliveries) if (reserveMs !== undefined) window.leave(receiver.system, false);
}

/** True where a delivery may go now that could not before. */
async function advance({ outbox, overtaken }: Pick<RelayParts, 'outbox' | 'overtaken'>): Promise<boolean> {
  const advanced = await outbox.advance(ADVANCE);
  if (advanced.overtaken.length > 0) await overtaken(advanced.overtaken);
  return advanced.went > 0;
}

const sweepOrder = (window: Window, limit: number): TakeOrder => ({
  limit,
  window: FIRST_WINDOW,
  reserveMs: RESERVE_MS,
  systems: window.known(),
});

/** Resolves after the sweep interval, or as soon as the waker is called. */
async function nextTick(expose: (waker: () => void) => void): Promise<void> {
  const early = new AbortController();
  expose(() => early.abort());
  await pause(SWEEP_EVERY_MS, undefined, { signal: early.signal }).catch(() => undefined);
}
