import type { Config } from './config.js';
import { createSweep, type Sweep } from './delivery/sweep.js';
import type { Settle } from './receipt/settle.js';
import type { Registry } from './registry/registry.js';
import { createTidy } from './retention/retention.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';
import { createRoundBook, type RoundBook } from './trace/rounds.js';

interface SweepSources {
  readonly config: Pick<Config, 'owner' | 'contentDays' | 'recordDays'>;
  readonly store: Pick<Store, 'sweeper' | 'retention'>;
  readonly registry: () => Registry;
  readonly settle: Settle;
  readonly requeued: () => void;
  readonly sweepUploads: () => Promise<void>;
  readonly log: Pick<GatewayLog, 'tidied' | 'problem'>;
}

/** What time does, and the book in which each round of this node is written. */
export function sweepParts(sources: SweepSources): { readonly sweep: Sweep; readonly book: RoundBook } {
  const { config, store, registry, log } = sources;
  const book = createRoundBook();
  const tidy = createTidy({
    store: store.retention,
    agreements: () => registry().agreements(),
    ...config,
    tell: log.tidied,
  });
  const { owner } = config;
  const sweep = createSweep({ ...sources, sweeper: store.sweeper, owner, tidy, book, problem: log.problem('sweep') });
  return { sweep, book };
}
