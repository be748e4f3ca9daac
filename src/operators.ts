import { readFileSync } from 'node:fs';
import type { PayloadStore } from './acceptance/payloads.js';
import type { DryRun } from './acceptance/dry-run.js';
import type { Alerts } from './alerts/alerts.js';
import { createAdmit } from './admin/admit.js';
import { LANDING } from './admin/landing.js';
import type { AdminParts, Shape } from './admin/ports.js';
import type { Broker } from './broker/broker.js';
import { createNewUser } from './broker/rabbit/new-user.js';
import { createTestConnectivity } from './delivery/connectivity.js';
import { createPreview } from './delivery/preview.js';
import type { WriteOutgoing } from './delivery/outgoing.js';
import { createProbe } from './delivery/probe.js';
import type { Jobs } from './delivery/jobs/jobs.js';
import type { DeliveryOrders } from './delivery/orders.js';
import type { QueueOrders } from './delivery/queue-orders.js';
import type { Config } from './config.js';
import { createCheckSecret } from './policy/check-secret.js';
import { createCorrections } from './corrections/corrections.js';
import type { Identified, Reply } from './message/stages.js';
import { sealedFor } from './policy/sealed-for.js';
import { createAccounts } from './login/accounts.js';
import { createOidcLogIn } from './login/oidc.js';
import type { Report } from './reports/reports.js';
import type { Schedules } from './reports/schedules.js';
import { createSessions } from './login/session.js';
import { outboundRule } from './outbound/agent.js';
import { hashSecret, verifySecret } from './registry/secret.js';
import type { Registry } from './registry/registry.js';
import type { StoredRegistry } from './registry/stored-registry.js';
import type { Store } from './store/open-store.js';
import type { MaintenanceWatch } from './maintenance/maintenance.js';
import { gatherDiagnostics } from './system/diagnostics.js';
import type { GaugeHistory } from './system/gauge-history.js';
import type { ReadSystem } from './system/system.js';
import type { JudgeCertificate } from './tls/client-certificate.js';
import { inventoryOf } from './tls/inventory.js';
import { lookAtOwn } from './tls/own-certificate.js';
import type { TlsFiles } from './tls/tls-files.js';
import type { GatewayLog } from './trace/log.js';
import type { GatewayMetrics } from './trace/metrics.js';

interface AdminSources {
  readonly maintenance: MaintenanceWatch;
  readonly system: ReadSystem;
  readonly gauges: GaugeHistory;
  readonly statistics: AdminParts['statistics'];
  readonly dryRun: DryRun;
  /** The path of a message; never throws. */
  readonly receive: (identified: Identified, body: Buffer) => Promise<Reply>;
  readonly store: Store;
  readonly payloads: PayloadStore;
  readonly outgoing: WriteOutgoing;
  readonly broker: Broker;
  readonly source: StoredRegistry;
  readonly metrics: GatewayMetrics;
  readonly alerts: Alerts;
  readonly identity: { readonly tls: TlsFiles | null; readonly judge: JudgeCertificate };
  readonly report: Report;
  readonly schedules: Schedules;
  readonly orders: DeliveryOrders;
  readonly queueOrders: QueueOrders;
  readonly jobs: Jobs;
  readonly log: Pick<GatewayLog, 'problem'>;
  /** Rejects where the node cannot take messages now. */
  readonly ready: () => Promise<void>;
  readonly stopSignal: AbortSignal;
}

/** What the operators' API is given. */
export function adminParts(config: Config, sources: AdminSources): AdminParts {
  const { store, payloads, outgoing, broker, source, identity, log, receive, ...handed } = sources;
  const registry = () => source.current();
  const checkSecret = createCheckSecret(verifySecret);
  const sessions = createSessions(store.sessions, Date.now);
  return {
    ...handed,
    admit: createAdmit({ token: config.adminToken, registry, checkSecret, sessions }),
    publicUrl: config.publicUrl,
    isTls: config.publicUrl.startsWith('https:'),
    sessions,
    accounts: createAccounts({ store: store.accounts, registry, hashSecret, verifySecret, now: Date.now }),
    filters: store.filters,
    accountStates: () => store.accounts.states(),
    oidc: oidcLogIn(config, registry),
    audit: store.audit,
    trace: store.trace,
    messages: store.messageSearch,
    notes: store.notes,
    contents: store.contents,
    payloads,
    preview: createPreview({ entry: (system, id) => store.box.entry(system, id), outgoing, registry }),
    fourEyes: config.fourEyes,
    jobList: store.jobs,
    search: store.search,
    feed: store.feed,
    cursorKey: store.cursorKey,
    testConnectivity: createTestConnectivity(createProbe(outboundRule(config, log)), store.pickUps),
    registry: registryControl(source),
    desk: source,
    keys: store.rotation,
    certificates: () => inventoryOf(identity.tls),
    ownCertificate: async () => identity.tls && lookAtOwn(identity.tls, config.publicUrl),
    judgeCertificate: identity.judge,
    scheduleStore: store.schedules,
    receiveTest: (identified, body) => receive({ ...identified, isTest: true }, body),
    correctionStore: store.corrections,
    corrections: createCorrections({
      store: store.corrections,
      registry,
      dryRun: sources.dryRun,
      receive,
      trace: store.trace,
      sealFor: (participants) => sealedFor(registry(), participants),
    }),
    openCircuits: () => store.statistics.openCircuits(),
    alertStore: store.alerts,
    current: registry,
    history: (filter, page) => store.registry.history(filter, page),
    grant: createNewUser({ registry, managementUrl: config.amqpManagementUrl, amqpUrl: config.amqpUrls[0] }),
    degraded: () => degradedBy(broker),
    shape: () => shapeOf(config, broker),
    diagnose: () => diagnose(config, sources),
  };
}

function diagnose(config: Config, sources: AdminSources): ReturnType<AdminParts['diagnose']> {
  return gatherDiagnostics({
    ...sources,
    shape: () => shapeOf(config, sources.broker),
    settings: config.settings,
    registry: registryControl(sources.source),
    queues: sources.statistics.queues,
    search: sources.store.search,
    alerts: sources.store.alerts,
  });
}

function oidcLogIn({ oidc, publicUrl }: Config, registry: () => Registry): AdminParts['oidc'] {
  if (oidc === null) return null;
  const addresses = { redirectUri: `${publicUrl}/admin/session/oidc/callback`, loggedOutUri: `${publicUrl}${LANDING}` };
  return createOidcLogIn({ ...oidc, ...addresses, registry });
}

function registryControl(source: StoredRegistry): AdminParts['registry'] {
  return {
    revision: () => source.current().revision,
    participantOf: (system) => source.current().system(system)?.participant,
    counts: () => ({ systems: source.current().systems().length, services: source.current().services().length }),
    problems: () => source.problems(),
    reload: async () => void (await source.reload()),
  };
}

const isWell = (broker: Broker) => broker.state().connected && broker.state().blocked === null;

const degradedBy = (broker: Broker): ReturnType<AdminParts['degraded']> => {
  if (!isWell(broker)) return ['broker'];
  return broker.isReading() ? [] : ['queues'];
};

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function shapeOf({ owner, roles, databaseUrl }: Config, broker: Broker): Shape {
  const { connected, blocked } = broker.state();
  return {
    version,
    node: owner,
    roles,
    store: databaseUrl === null ? 'pglite' : 'postgresql',
    broker: broker.kind,
    brokerConnected: connected,
    brokerBlocked: blocked,
  };
}
