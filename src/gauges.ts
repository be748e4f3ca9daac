import { X509Certificate } from 'node:crypto';
import type { Window } from './acceptance/window.js';
import type { Broker } from './broker/broker.js';
import type { Config } from './config.js';
import type { MaintenanceWatch } from './maintenance/maintenance.js';
import { version } from './operators.js';
import type { Readings } from './readings.js';
import type { StoredRegistry } from './registry/stored-registry.js';
import type { Store } from './store/open-store.js';
import type { TlsFiles } from './tls/tls-files.js';
import { timeOf } from './new-id.js';
import type { GatewayMetrics, Reading } from './trace/metrics.js';
import type { Levels } from './trace/ports.js';

interface GaugeSources {
  readonly config: Pick<Config, 'roles'>;
  readonly metrics: Pick<GatewayMetrics, 'gauge'>;
  readonly store: Pick<Store, 'pools'>;
  readonly readings: Readings;
  readonly broker: Pick<Broker, 'state'>;
  readonly source: Pick<StoredRegistry, 'problems'>;
  readonly maintenance: Pick<MaintenanceWatch, 'current'>;
  readonly window: Pick<Window, 'known' | 'waiting'>;
  readonly tls: TlsFiles | null;
  /** Rejects where the node cannot take messages now. */
  readonly ready: () => Promise<void>;
  readonly stopSignal: AbortSignal;
}

const STATES = ['QUEUED', 'DELIVERING', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED'];

/** What is read when metrics are scraped. */
export function addGauges(sources: GaugeSources): void {
  const { config, metrics, broker, source, ready, stopSignal } = sources;
  const about = { version, roles: config.roles.join(' ') };
  metrics.gauge('crocevia_build_info', () => [{ labels: about, value: 1 }]);
  metrics.gauge('crocevia_ready', () =>
    ready().then(
      () => Number(!stopSignal.aborted),
      () => 0,
    ),
  );
  metrics.gauge('crocevia_maintenance', () => Number(sources.maintenance.current() !== null));
  metrics.gauge('crocevia_draining', () => Number(stopSignal.aborted));
  metrics.gauge('crocevia_broker_connected', () => Number(broker.state().connected));
  metrics.gauge('crocevia_broker_blocked', () => Number(broker.state().blocked !== null));
  metrics.gauge('crocevia_registry_problems', () => source.problems().length);
  addWindow(sources);
  addPlaces(sources);
  addLevels(sources);
}

function addWindow({ metrics, window, store }: GaugeSources): void {
  const known = () => [...window.known().values()];
  metrics.gauge('crocevia_relay_unclaimed', () => known().reduce((sum, { unmarked }) => sum + unmarked, 0));
  metrics.gauge('crocevia_relay_waiting_systems', window.waiting);
  metrics.gauge('crocevia_pool_connections', () =>
    store
      .pools()
      .flatMap(({ pool, ...states }) =>
        Object.entries(states).map(([state, value]) => ({ labels: { pool, state }, value })),
      ),
  );
}

function addPlaces({ metrics, tls, readings }: GaugeSources): void {
  metrics.gauge('crocevia_certificate_days', () => (tls ? certificateDays(tls) : []));
  metrics.gauge('crocevia_disk_free_bytes', async () =>
    (await readings.disks()).map(({ place, free }) => ({ labels: { place }, value: free })),
  );
}

const DAY_MS = 86_400_000;

/** Of the gateway's own certificate, and of the authority that ends first. */
export function certificateDays(tls: Pick<TlsFiles, 'options' | 'truststore'>): readonly Reading[] {
  const days = ({ validTo }: X509Certificate) => (Date.parse(validTo) - Date.now()) / DAY_MS;
  const authorities = tls.truststore().map(days);
  return [
    { labels: { certificate: 'server' }, value: days(new X509Certificate(tls.options().cert as Buffer)) },
    ...(authorities.length > 0 ? [{ labels: { certificate: 'authority' }, value: Math.min(...authorities) }] : []),
  ];
}

function addLevels({ metrics, readings: { levels } }: GaugeSources): void {
  const byState = (of: (open: Levels['open'][number] | undefined) => number) => async () => {
    const { open } = await levels();
    return STATES.map((state) => ({ labels: { state }, value: of(open.find((one) => one.state === state)) }));
  };
  metrics.gauge(
    'crocevia_deliveries_open',
    byState((one) => one?.count ?? 0),
  );
  metrics.gauge(
    'crocevia_deliveries_oldest_seconds',
    byState((one) => (one ? Math.max(0, Date.now() - timeOf(one.oldest)) / 1000 : 0)),
  );
  metrics.gauge('crocevia_deliveries_dead', async () => (await levels()).dead);
  metrics.gauge('crocevia_delivery_circuits_open', async () => (await levels()).circuits);
  metrics.gauge('crocevia_database_bytes', async () => (await levels()).bytes);
}
