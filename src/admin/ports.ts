import type { createPreview } from '../delivery/preview.js';
import type { PayloadStore } from '../acceptance/payloads.js';
import type { DryRun } from '../acceptance/dry-run.js';
import type { TestConnectivity } from '../delivery/connectivity.js';
import type { Jobs } from '../delivery/jobs/jobs.js';
import type { DeliverySearch, JobLedger } from '../delivery/jobs/ports.js';
import type { DeliveryOrders } from '../delivery/orders.js';
import type { QueueOrders } from '../delivery/queue-orders.js';
import type { Corrections } from '../corrections/corrections.js';
import type { CorrectionStore } from '../corrections/ports.js';
import type { Accounts } from '../login/accounts.js';
import type { AccountStore, FilterStore } from '../login/ports.js';
import type { OidcLogIn } from '../login/oidc.js';
import type { Sessions } from '../login/session.js';
import type { Registry, RegistryProblem } from '../registry/registry.js';
import type { Identified, Reply } from '../message/stages.js';
import type { RegistryStore } from '../registry/registry-store.js';
import type { StoredRegistry } from '../registry/stored-registry.js';
import type { KeyRotation } from '../secrets/rotation.js';
import type { ScheduleStore } from '../reports/ports.js';
import type { Report } from '../reports/reports.js';
import type { Schedules } from '../reports/schedules.js';
import type { MapFlows } from '../statistics/flow-map.js';
import type { ListFlows } from '../statistics/flows.js';
import type { StatisticsReader } from '../statistics/ports.js';
import type { Queues } from '../statistics/queues.js';
import type { Situate } from '../statistics/situation.js';
import type { MaintenanceWatch } from '../maintenance/maintenance.js';
import type { GaugeHistory } from '../system/gauge-history.js';
import type { Diagnostics } from '../system/diagnostics.js';
import type { ReadSystem } from '../system/system.js';
import type { JudgeCertificate } from '../tls/client-certificate.js';
import type { TlsInventory } from '../tls/inventory.js';
import type { OwnCertificate } from '../tls/own-certificate.js';
import type { AuditLog } from '../trace/audit.js';
import type { JournalFeed, MessageContents, MessageNotes, MessageSearch, TraceReader } from '../trace/ports.js';
import type { Alerts } from '../alerts/alerts.js';
import type { AlertStore } from '../alerts/ports.js';
import type { Admit } from './admit.js';

/** What the operators' API needs of the gateway; handed in by the composition. */
export interface AdminParts {
  readonly admit: Admit;
  readonly publicUrl: string;
  /** True where browsers come over TLS: by `publicUrl`. */
  readonly isTls: boolean;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly filters: FilterStore;
  /** Of every account there is. Throws Fault store-unavailable. */
  readonly accountStates: AccountStore['states'];
  /** Null: no issuer is set. */
  readonly oidc: OidcLogIn | null;
  readonly audit: AuditLog;
  readonly trace: TraceReader;
  readonly messages: MessageSearch;
  readonly notes: MessageNotes;
  readonly contents: MessageContents;
  readonly payloads: Pick<PayloadStore, 'read'>;
  /** What goes to the receiver of a delivery. */
  readonly preview: ReturnType<typeof createPreview>;
  readonly orders: DeliveryOrders;
  readonly queueOrders: QueueOrders;
  readonly testConnectivity: TestConnectivity;
  readonly jobs: Jobs;
  /** True where another operator has to approve what is sent anew. */
  readonly fourEyes: boolean;
  readonly jobList: Pick<JobLedger, 'list' | 'items'>;
  readonly search: DeliverySearch;
  readonly feed: JournalFeed;
  /** 32 bytes by which positions in the journal are made unreadable; the same on every node. */
  readonly cursorKey: () => Promise<Buffer>;
  readonly registry: RegistryControl;
  /** The registry's documents, and the way to change them. */
  readonly desk: Pick<StoredRegistry, 'documents' | 'write' | 'tryOut' | 'files' | 'preview'>;
  readonly alerts: Pick<Alerts, 'test'>;
  readonly alertStore: AlertStore;
  readonly history: RegistryStore['history'];
  readonly dryRun: DryRun;
  /** The path of a message, which is marked as a test; never throws. */
  readonly receiveTest: (identified: Identified, body: Buffer) => Promise<Reply>;
  readonly keys: KeyRotation;
  readonly report: Report;
  readonly schedules: Pick<Schedules, 'add' | 'sendNow'>;
  readonly scheduleStore: ScheduleStore;
  readonly corrections: Corrections;
  readonly correctionStore: CorrectionStore;
  readonly statistics: {
    readonly situate: Situate;
    readonly flows: ListFlows;
    readonly map: MapFlows;
    readonly queues: Queues;
  };
  /** Of systems that are spared. Throws Fault store-unavailable. */
  readonly openCircuits: StatisticsReader['openCircuits'];
  /** Of this node. */
  readonly certificates: () => TlsInventory;
  /** Null: this node ends no TLS. */
  readonly ownCertificate: () => Promise<OwnCertificate | null>;
  readonly judgeCertificate: JudgeCertificate;
  /** The registry in force. */
  readonly current: () => Registry;
  /** Creates the RabbitMQ user of a system; throws Fault. The password is told once. */
  readonly grant: (
    system: string,
    username?: string,
  ) => Promise<{
    readonly system: string;
    readonly username: string;
    readonly password: string;
    readonly vhost: string;
  }>;
  readonly metrics: { text(): Promise<{ readonly contentType: string; readonly body: string }> };
  /** Rejects where the gateway cannot take messages now. */
  readonly ready: () => Promise<void>;
  /** What is away while messages are taken all the same. */
  readonly degraded: () => readonly ('broker' | 'queues')[];
  readonly shape: () => Shape;
  readonly system: ReadSystem;
  readonly gauges: GaugeHistory;
  readonly maintenance: Pick<MaintenanceWatch, 'current' | 'begin' | 'end'>;
  /** For a support case. Throws Fault store-unavailable. */
  readonly diagnose: () => Promise<Diagnostics>;
  /** Aborted when this node stops. */
  readonly stopSignal: AbortSignal;
}

export interface RegistryControl {
  revision(): string;
  /** IPA code of the participant that a system belongs to; undefined where there is no such system. */
  participantOf(system: string): string | undefined;
  counts(): { readonly systems: number; readonly services: number };
  /** What was wrong with the last load; empty where the snapshot in force is the newest. */
  problems(): readonly RegistryProblem[];
  /** Throws RegistryError and keeps the snapshot in force. */
  reload(): Promise<void>;
}

/** How this node runs. */
export interface Shape {
  readonly version: string;
  readonly node: string;
  readonly roles: readonly string[];
  readonly store: 'pglite' | 'postgresql';
  readonly broker: 'in-process' | 'rabbitmq';
  readonly brokerConnected: boolean;
  readonly brokerBlocked: string | null;
}

export const ADMIN_PARTS = Symbol('AdminParts');
