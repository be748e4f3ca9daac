import { X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { Window } from './acceptance/window.js';
import type { Broker } from './broker/broker.js';
import type { Config } from './config.js';
import { version } from './operators.js';
import type { StoredRegistry } from './registry/stored-registry.js';
import type { Store } from './store/open-store.js';
import type { TlsFiles } from './tls/tls-files.js';
import { acceptedAt } from './trace/event-metrics.js';
import type { GatewayMetrics, Reading } from './trace/metrics.js';
import type { Levels } from './trace/ports.js';

interface GaugeSources {
  readonly config: Pick<Config, 'roles' | 'databaseUrl' | 'dataDir' | 'payloads'>;
  readonly metrics: Pick<GatewayMetrics, 'gauge'>;
  readonly store: Pick<Store, 'levels' | 'pools'>;
  readonly broker: Pick<Broker, 'state'>;
  readonly source: Pick<StoredRegistry, 'problems'>;
  readonly window: Pick<Window, 'known'>;
  readonly tls: TlsFiles | null;
  /** Rejects where the node cannot take messages now. */
  readonly ready: () => Promise<void>;
  readonly stopSignal: AbortSignal;
}

/** Scrapes of several collectors read the ledger once in this time. */
const LEVELS_MS = 15_000;
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
  metrics.gauge('crocevia_relay_waiting_systems', () => known().filter(({ isEager }) => isEager).length);
  metrics.gauge('crocevia_pool_connections', () =>
    store
      .pools()
      .flatMap(({ pool, ...states }) =>
        Object.entries(states).map(([state, value]) => ({ labels: { pool, state }, value })),
      ),
  );
}

function addPlaces({ config, metrics, tls }: GaugeSources): void {
  metrics.gauge('crocevia_certificate_days', () => (tls ? certificateDays(tls) : []));
  metrics.gauge('crocevia_disk_free_bytes', () => Promise.all(placesOf(config).map(freeAt)));
}

/** Where this node itself keeps data: place, directory. */
export function placesOf({ databaseUrl, dataDir, payloads }: GaugeSources['config']): readonly [string, string][] {
  return [
    ...(databaseUrl === null ? [['data', dataDir] as [string, string]] : []),
    ...(payloads.kind === 'directory' ? [['payloads', payloads.directory] as [string, string]] : []),
  ];
}

async function freeAt([place, directory]: [string, string]): Promise<Reading> {
  const { bavail, bsize } = await statfs(directory);
  return { labels: { place }, value: bavail * bsize };
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

function addLevels({ metrics, store }: GaugeSources): void {
  const levels = readSeldom(() => store.levels.read());
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
    byState((one) => (one ? Math.max(0, Date.now() - acceptedAt(one.oldest)) / 1000 : 0)),
  );
  metrics.gauge('crocevia_deliveries_dead', async () => (await levels()).dead);
  metrics.gauge('crocevia_delivery_circuits_open', async () => (await levels()).circuits);
  metrics.gauge('crocevia_database_bytes', async () => (await levels()).bytes);
}

/** One failure is not remembered: the next scrape asks again. */
function readSeldom<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (last !== null && Date.now() - last.at < LEVELS_MS) return last.value;
    const value = read();
    last = { at: Date.now(), value };
    value.catch(() => (last = null));
    return value;
  };
}
