import type { DeliveryRef } from '../message/delivery.js';
import type { JournalFeed } from '../trace/ports.js';
import type { Outbox, QueueItem } from './ports.js';
import type { Window } from './window.js';

interface UnclaimedParts {
  readonly outbox: Pick<Outbox, 'markPublished'>;
  readonly feed: JournalFeed;
  readonly window: Window;
  readonly problem: (error: unknown) => void;
}

/** Most published deliveries are claimed within milliseconds; after this one that rests is looked up in the ledger, again and again. */
const LOOK_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** What is reserved for longer than this is not marked yet: at the next look it may have been claimed. */
const MARK_BEFORE_MS = 2_500;
/** Over it a delivery is marked at once. */
const MAX_RESTING = 20_000;

/**
 * Published deliveries that nobody has claimed yet. A claim tells the ledger all that a mark would, so only what rests
 * in its queue until its reservation is about to end is marked: one write less for each message that flows. Who has claimed it, this process or
 * another one that is not heard of, a look tells.
 */
export interface Unclaimed {
  /** The mark follows if it is needed. The delivery has entered the window; once it is claimed or marked it leaves. */
  add(item: QueueItem): void;
  /** True for the same turn: a later epoch is another one. */
  has(ref: DeliveryRef): boolean;
  start(): void;
  /** Marks what still rests. */
  stop(): Promise<void>;
}

interface Resting {
  readonly ref: DeliveryRef;
  readonly system: string;
  /** When it was published or looked at; Infinity while it is looked at. */
  since: number;
}

export function createUnclaimed({ outbox, feed, window, problem }: UnclaimedParts): Unclaimed {
  const resting = new Map<string, Resting>();
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: () => void = () => undefined;
  const take = (deliveryId: string) => {
    const taken = resting.get(deliveryId);
    resting.delete(deliveryId);
    return taken;
  };
  const forget = (deliveryId: string) => {
    const taken = take(deliveryId);
    if (taken) window.leave(taken.system, true);
  };
  const look = async (one: Resting, untilMs?: number) => {
    const { ref, system } = one;
    one.since = Infinity;
    const found = await outbox
      .markPublished(ref, untilMs)
      .catch((error: unknown) => (problem(error), 'reserved' as const));
    if (resting.get(ref.deliveryId) !== one) return;
    if (found === 'reserved') one.since = Date.now();
    else if (take(ref.deliveryId)) window.leave(system, found === 'gone');
  };
  const lookAtOld = () => {
    const before = Date.now() - LOOK_AFTER_MS;
    for (const one of resting.values()) if (one.since <= before) void look(one, MARK_BEFORE_MS);
  };
  return {
    add: (item) => {
      forget(item.deliveryId);
      const { deliveryId, messageId, epoch } = item;
      const one = { ref: { deliveryId, messageId, epoch }, system: item.delivery.receiver.system, since: Date.now() };
      resting.set(deliveryId, one);
      if (resting.size > MAX_RESTING) void look(one);
    },
    has: ({ deliveryId, epoch }) => resting.get(deliveryId)?.ref.epoch === epoch,
    start: () => {
      unsubscribe = feed.subscribe((events) => {
        for (const { event, deliveryId } of events) if (event === 'delivery.claimed' && deliveryId) forget(deliveryId);
      });
      timer = setInterval(lookAtOld, LOOK_EVERY_MS);
    },
    stop: async () => {
      if (timer) clearInterval(timer);
      unsubscribe();
      await Promise.all([...resting.values()].map((one) => look(one)));
    },
  };
}
