import type { Config } from './config.js';
import { createJobs } from './delivery/jobs/jobs.js';
import { createJobRunner } from './delivery/jobs/runner.js';
import { createQueueOrders } from './delivery/queue-orders.js';
import { createCarryOut, createDeliveryOrders } from './delivery/orders.js';
import type { Settle } from './receipt/settle.js';
import type { RegistrySource } from './registry/registry.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';
import type { RoundBook } from './trace/rounds.js';

interface OrderSources {
  readonly config: Pick<Config, 'owner' | 'fourEyes'>;
  readonly store: Pick<Store, 'control' | 'queues' | 'search' | 'jobs' | 'jobQueue' | 'sweeper'>;
  readonly source: Pick<RegistrySource, 'current'>;
  readonly log: Pick<GatewayLog, 'problem'>;
  readonly book: Pick<RoundBook, 'note'>;
  readonly settle: Settle;
  /** Told when deliveries became QUEUED. */
  readonly requeued: () => void;
}

/** What operators order of deliveries: of one message, or of many as a job. */
export function orderParts({ config, store, source, book, log, settle, requeued }: OrderSources) {
  const registry = () => source.current();
  const carryOut = createCarryOut({ control: store.control, settle, registry });
  return {
    orders: createDeliveryOrders(store.control, carryOut, requeued),
    queueOrders: createQueueOrders(store.queues, requeued),
    jobs: createJobs({ ledger: store.jobs, search: store.search, registry, fourEyes: config.fourEyes }),
    runner: createJobRunner({
      queue: store.jobQueue,
      leases: store.sweeper,
      carryOut,
      registry,
      owner: config.owner,
      requeued,
      book,
      problem: log.problem('jobs'),
    }),
  };
}
