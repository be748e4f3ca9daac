import type { Config } from './config.js';
import { createAttempts } from './policy/attempts.js';
import { createLeases } from './policy/limits/leases.js';
import { createThrottle } from './policy/throttle.js';
import type { Registry } from './registry/registry.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';
import type { GatewayMetrics } from './trace/metrics.js';

interface LimitSources {
  readonly config: Pick<Config, 'ratePerMinute'>;
  readonly registry: () => Registry;
  readonly store: Pick<Store, 'allowances'>;
  readonly metrics: Pick<GatewayMetrics, 'limited'>;
  readonly log: Pick<GatewayLog, 'limitReached' | 'problem'>;
}

/** What holds callers back: those who are known by their limits, all others by their address. */
export function limitParts({ config, registry, store, metrics, log }: LimitSources) {
  const leases = createLeases({
    allowances: store.allowances,
    now: () => performance.now(),
    reached: log.limitReached,
    problem: log.problem('limits'),
  });
  const throttle = createThrottle({ leases, registry, perMinute: config.ratePerMinute, refused: metrics.limited });
  const attempts = createAttempts({
    isKnown: (kind, name) => registry().credentials(kind, name).length > 0,
    refused: () => metrics.limited('address'),
    reached: (whose) => log.limitReached({ kind: 'address', whose }),
  });
  return { leases, throttle, attempts };
}
