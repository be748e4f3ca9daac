import { createRelay, type Relay } from './acceptance/relay.js';
import { createUnclaimed } from './acceptance/unclaimed.js';
import { createWindow, SYSTEM_WINDOW, type Window } from './acceptance/window.js';
import type { Broker } from './broker/broker.js';
import { createOvertaken } from './delivery/overtaken.js';
import type { Settle } from './receipt/settle.js';
import { ratesIn } from './registry/rates.js';
import type { Registry } from './registry/registry.js';
import type { Store } from './store/open-store.js';

interface OutboxSources {
  readonly registry: () => Registry;
  readonly store: Store;
  readonly broker: Pick<Broker, 'publisher'>;
  readonly settle: Settle;
  readonly problem: (error: unknown) => void;
}

/** From the ledger to the broker: the relay, and the window of each receiving system. */
export function outboxParts({ registry, store, broker, settle, problem }: OutboxSources): {
  readonly relay: Relay;
  readonly window: Window;
} {
  const { outbox, feed } = store;
  const window = createWindow({
    most: SYSTEM_WINDOW,
    concurrency: (system) => registry().system(system)?.receives?.concurrency ?? 4,
    rates: () => ratesIn(registry()),
    now: Date.now,
  });
  const unclaimed = createUnclaimed({ outbox, feed, window, problem });
  const overtaken = createOvertaken({ ...store, settle });
  const relay = createRelay({ outbox, unclaimed, window, feed, publisher: broker.publisher, overtaken, problem });
  return { relay, window };
}
