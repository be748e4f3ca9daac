import type { DeliveryRef } from '../message/delivery.js';
import type { JournalFeed } from '../trace/ports.js';
import type { Outbox } from './ports.js';

interface UnclaimedParts {
  readonly outbox: Pick<Outbox, 'markPublished'>;
  readonly feed: JournalFeed;
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
  /** Resolves at once; the mark follows if it is needed. */
  add(ref: DeliveryRef): void;
  /** True for the same turn: a later epoch is another one. */
  has(ref: DeliveryRef): boolean;
  start(): void;
  /** Marks what still rests. */
  stop(): Promise<void>;
}

export function createUnclaimed({ outbox, feed, problem }: UnclaimedParts): Unclaimed {
  const resting = new Map<string, { readonly ref: DeliveryRef; readonly since: number }>();
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: () => void = () => undefined;
  const mark = (ref: DeliveryRef) => {
    resting.delete(ref.deliveryId);
    return outbox.markPublished(ref).catch(problem);
  };
  const markOld = (before: number) =>
    [...resting.values()].filter(({ since }) => since <= before).map(({ ref }) => mark(ref));
  return {
    add: (ref) => {
      if (resting.size >= MAX_RESTING) void mark(ref);
      else resting.set(ref.deliveryId, { ref, since: Date.now() });
    },
    has: ({ deliveryId, epoch }) => resting.get(deliveryId)?.ref.epoch === epoch,
    start: () => {
      unsubscribe = feed.subscribe((events) => {
        for (const { event, deliveryId } of events)
          if (event === 'delivery.claimed' && deliveryId) resting.delete(deliveryId);
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
