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

/** Most published deliveries are claimed within milliseconds; one that rests longer is marked in the ledger. */
const MARK_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** Over it a delivery is marked at once. */
const MAX_RESTING = 20_000;

/**
 * Published deliveries that nobody has claimed yet. A claim tells the ledger all that a mark would, so only what rests
 * in its queue is marked: one write less for each message that flows.
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
  readonly since: number;
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
  const mark = ({ ref, system }: Resting) => {
    take(ref.deliveryId);
    return outbox
      .markPublished(ref)
      .catch((error: unknown) => (problem(error), true))
      .then((isMarked) => window.leave(system, !isMarked));
  };
  const markOld = (before: number) => [...resting.values()].filter(({ since }) => since <= before).map(mark);
  return {
    add: (item) => {
      forget(item.deliveryId);
      const { deliveryId, messageId, epoch } = item;
      const one = { ref: { deliveryId, messageId, epoch }, system: item.delivery.receiver.system, since: Date.now() };
      resting.set(deliveryId, one);
      if (resting.size > MAX_RESTING) void mark(one);
    },
    has: ({ deliveryId, epoch }) => resting.get(deliveryId)?.ref.epoch === epoch,
    start: () => {
      unsubscribe = feed.subscribe((events) => {
        for (const { event, deliveryId } of events) if (event === 'delivery.claimed' && deliveryId) forget(deliveryId);
      });
      timer = setInterval(() => markOld(Date.now() - MARK_AFTER_MS), LOOK_EVERY_MS);
    },
    stop: async () => {
      if (timer) clearInterval(timer);
      unsubscribe();
      await Promise.all(markOld(Infinity));
    },
  };
}
