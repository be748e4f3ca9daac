import type { Publisher, QueueItem } from './ports.js';
import type { Unclaimed } from './unclaimed.js';
import type { Window } from './window.js';

interface SendingParts {
  readonly publisher: Publisher;
  readonly unclaimed: Unclaimed;
  readonly window: Window;
  readonly problem: (error: unknown) => void;
}

export interface Sending {
  /** What has its place in the window already. */
  publish(item: QueueItem): void;
  enter(item: QueueItem): void;
  /** Whether all that ended since the last time has failed; where nothing ended, as it was. */
  isStuck(): boolean;
  idle(): Promise<unknown>;
}

/** Publishes under way at once; over it the ledger keeps the work until the sweep. */
const MAX_IN_FLIGHT = 2_000;

/** What is on its way to the broker: each turn of a delivery once, in its place in the window. */
export function createSending({ publisher, unclaimed, window, problem }: SendingParts): Sending {
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
  const mayGo = (item: QueueItem) =>
    inFlight.size < MAX_IN_FLIGHT && !inFlight.has(turnOf(item)) && !unclaimed.has(item);
  const go = (item: QueueItem) => void inFlight.set(turnOf(item), send(item));
  return {
    publish: (item) => {
      if (mayGo(item)) go(item);
      else window.leave(systemOf(item), false);
    },
    enter: (item) => {
      if (!mayGo(item)) return;
      window.enter(systemOf(item));
      go(item);
    },
    isStuck: () => {
      if (confirmed + failed > 0) wasStuck = confirmed === 0;
      [confirmed, failed] = [0, 0];
      return wasStuck;
    },
    idle: () => Promise.all(inFlight.values()),
  };
}

/** A delivery comes again under a new epoch; each turn is published on its own. */
const turnOf = ({ deliveryId, epoch }: QueueItem) => `${deliveryId} ${epoch}`;
export const systemOf = ({ delivery }: QueueItem): string => delivery.receiver.system;
