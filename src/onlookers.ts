import { alertParts } from './alerting.js';
import type { Window } from './acceptance/window.js';
import type { Broker } from './broker/broker.js';
import type { Config } from './config.js';
import { addGauges } from './gauges.js';
import type { MaintenanceWatch } from './maintenance/maintenance.js';
import { createReadings } from './readings.js';
import type { Registry } from './registry/registry.js';
import type { StoredRegistry } from './registry/stored-registry.js';
import { reportParts } from './reporting.js';
import type { Store } from './store/open-store.js';
import { keepGaugeHistory } from './system/gauge-history.js';
import { createReadSystem } from './system/system.js';
import type { TlsFiles } from './tls/tls-files.js';
import type { GatewayLog } from './trace/log.js';
import type { GatewayMetrics } from './trace/metrics.js';
import type { RoundBook } from './trace/rounds.js';

interface OnlookerSources {
  readonly config: Config;
  readonly store: Store;
  readonly broker: Broker;
  readonly source: StoredRegistry;
  readonly registry: () => Registry;
  readonly metrics: GatewayMetrics;
  readonly maintenance: MaintenanceWatch;
  readonly window: Pick<Window, 'known' | 'waiting'>;
  readonly tls: TlsFiles | null;
  readonly book: RoundBook;
  readonly log: GatewayLog;
  readonly ready: () => Promise<void>;
  readonly stopSignal: AbortSignal;
}

/** Who looks on: metrics, alerts, reports, and what operators are told of the node. */
export function onlookers(sources: OnlookerSources) {
  const { config, store, book } = sources;
  const readings = createReadings(config, store.levels);
  addGauges({ ...sources, readings });
  return {
    alerts: alertParts(sources),
    ...reportParts(sources),
    gauges: keepGaugeHistory({ disks: readings.disks, signal: sources.stopSignal }),
    system: createReadSystem({
      database: store.database,
      ping: store.ping,
      readings,
      book,
      payloads: config.payloads.kind,
    }),
  };
}
