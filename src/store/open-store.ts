import { join } from 'node:path';
import type { PickUps } from '../delivery/connectivity.js';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PayloadLedger, PayloadStore } from '../acceptance/payloads.js';
import type { MessageStore, Outbox } from '../acceptance/ports.js';
import type {
  CircuitStore,
  BoxStore,
  DeliveryControl,
  DeliveryLedger,
  QueueControl,
  Sweeper,
} from '../delivery/ports.js';
import type { DeliverySearch, JobLedger, JobQueue } from '../delivery/jobs/ports.js';
import type { Exchanges } from '../exchange/ports.js';
import type { Allowances } from '../policy/limits/allowances.js';
import type { SigningKeyStore, UsedAssertions } from '../oauth/ports.js';
import type { QueryTrace } from '../query/ports.js';
import type { AccountStore, FilterStore, SessionStore } from '../login/ports.js';
import type { RetentionStore } from '../retention/ports.js';
import type { RegistryStore } from '../registry/registry-store.js';
import type { DataKeys } from '../secrets/data-keys.js';
import type { KeyRotation } from '../secrets/rotation.js';
import type { StatisticsLedger, StatisticsReader } from '../statistics/ports.js';
import type { Seal } from '../secrets/seal.js';
import type { AlertStore } from '../alerts/ports.js';
import type { DatabaseReader } from '../system/ports.js';
import { AlertFacts } from './alert-facts.js';
import { StoredAlerts } from './alerts.js';
import type { CorrectionStore } from '../corrections/ports.js';
import { StoredCorrections } from './corrections.js';
import type { ScheduleStore } from '../reports/ports.js';
import { StoredFilters } from './saved-filters.js';
import { StoredSchedules } from './report-schedules.js';
import { StoredAllowances } from './allowances.js';
import type { AuditLog } from '../trace/audit.js';
import type {
  JournalFeed,
  LedgerLevels,
  MessageContents,
  MessageNotes,
  MessageSearch,
  PoolUse,
  TraceReader,
} from '../trace/ports.js';
import { StoredAccounts } from './accounts.js';
import { StoredAudit } from './audit.js';
import { LedgerBox } from './box.js';
import { LedgerContents } from './contents.js';
import { StoredDataKeys } from './data-keys.js';
import { embeddedSource } from './data-source.js';
import { StoredFacts } from './database-facts.js';
import { LedgerCircuits } from './circuits.js';
import { DeliveryOwners } from './delivery-owners.js';
import { LedgerDeliveries } from './delivery-ledger.js';
import { LedgerDeliverySearch } from './delivery-search.js';
import { lockDirectory } from './embedded/directory-lock.js';
import { Engine } from './embedded/engine.js';
import { LedgerExchanges } from './exchanges.js';
import { storeFault } from './faults.js';
import { LedgerFeed } from './feed.js';
import { StoredLevels } from './ledger-levels.js';
import { StoredJobs } from './job-ledger.js';
import { StoredJobQueue } from './job-queue.js';
import { Mail } from './mail.js';
import { StoredKeyRotation } from './key-rotation.js';
import { LedgerMessageSearch } from './message-search.js';
import { LedgerMessageStore } from './message-store.js';
import type { MaintenanceStore } from '../maintenance/ports.js';
import { StoredMaintenance } from './maintenance.js';
import { migrate } from './migrate.js';
import { LedgerNotes } from './notes.js';
import { OpenFloor } from './open-floor.js';
import { LedgerOutbox } from './outbox.js';
import { PayloadChunks } from './payload-chunks.js';
import { LedgerPayloads } from './payload-ledger.js';
import { LedgerPickUps } from './pick-ups.js';
import { LedgerQueryTrace } from './query-trace.js';
import { schemaDrift } from './schema-drift.js';
import { serverConnections } from './server.js';
import { sqlOver, type Sql } from './sql.js';
import { StoredRegistryDocuments } from './registry-documents.js';
import { SearchKey } from './search-key.js';
import { StoredAssertions, StoredSigningKeys } from './signing-keys.js';
import { LedgerQueues } from './queue-control.js';
import { LedgerRetention } from './retention.js';
import { StoredSessions } from './sessions.js';
import { CountedLedger } from './statistics-ledger.js';
import { CountedStatistics } from './statistics-reader.js';
import { LedgerSweeper } from './sweeper.js';
import { LedgerTrace } from './trace-reader.js';
import { Transitions } from './transition.js';

export interface StoreOptions {
  /** May name several hosts. Null: the embedded engine in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Directory of the embedded engine; made where it is missing. */
  readonly dataDir: string;
  /** This node, as the database server lists its connections. */
  readonly owner: string;
  /** Connections to PostgreSQL for messages; 10 where it is left out. Up to 4 more serve operators and the registry. */
  readonly poolSize?: number;
  /** Null or left out: what is secret is kept in clear, and what is to be encrypted is refused. */
  readonly seal?: Seal | null;
}

/** The ledger, opened. */
export interface Store {
  readonly messages: MessageStore;
  readonly outbox: Outbox;
  readonly ledger: DeliveryLedger;
  readonly control: DeliveryControl;
  readonly queues: QueueControl;
  readonly search: DeliverySearch;
  readonly jobs: JobLedger;
  readonly jobQueue: JobQueue;
  readonly circuits: CircuitStore;
  readonly allowances: Allowances;
  /** Keys of contents that are kept encrypted. */
  readonly dataKeys: DataKeys;
  readonly rotation: KeyRotation;
  readonly sweeper: Sweeper;
  readonly box: BoxStore;
  readonly pickUps: PickUps;
  readonly trace: TraceReader;
  readonly messageSearch: MessageSearch;
  /** 32 bytes by which positions in the journal are made unreadable; of this ledger, for every node. */
  readonly cursorKey: () => Promise<Buffer>;
  readonly notes: MessageNotes;
  readonly queries: QueryTrace;
  readonly exchanges: Exchanges;
  readonly contents: MessageContents;
  readonly retention: RetentionStore;
  readonly counting: StatisticsLedger;
  readonly statistics: StatisticsReader;
  /** Which large contents there are, wherever they lie. */
  readonly payloads: PayloadLedger;
  /** Large contents as rows of this database. */
  readonly chunks: PayloadStore;
  readonly feed: JournalFeed;
  readonly levels: LedgerLevels;
  readonly database: DatabaseReader;
  readonly maintenance: MaintenanceStore;
  pools(): readonly PoolUse[];
  readonly registry: RegistryStore;
  readonly sessions: SessionStore;
  readonly accounts: AccountStore;
  readonly filters: FilterStore;
  readonly audit: AuditLog;
  readonly alerts: AlertStore;
  readonly schedules: ScheduleStore;
  readonly corrections: CorrectionStore;
  readonly signingKeys: SigningKeyStore;
  readonly assertions: UsedAssertions;
  /** Throws Fault store-unavailable. */
  ping(): Promise<void>;
  /** What the tables differ in from the entities, as the SQL that would mend it; empty = nothing. */
  schemaDrift(): Promise<string[]>;
  /** Writes what has been handed over, then lets go of everything. */
  close(): Promise<void>;
}

const POOL_SIZE = 10;

/**
 * Opens the ledger and brings its tables up to date. Throws DirectoryInUse for a second start on one data directory,
 * Fault store-unavailable where PostgreSQL cannot be reached.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.databaseUrl === null) return openEmbedded(options.dataDir, options.seal ?? null);
  const { databaseUrl, owner, poolSize = POOL_SIZE } = options;
  const { source, path, stop } = serverConnections(databaseUrl, owner, poolSize);
  try {
    return assemble(await start(source), path, stop, options.seal ?? null);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openEmbedded(dataDir: string, seal: Seal | null): Promise<Store> {
  const lock = await lockDirectory(dataDir);
  let engine: Engine | null = null;
  const release = async () => {
    await engine?.close();
    await lock.release();
  };
  try {
    engine = await Engine.open(join(dataDir, 'ledger'));
    const source = await start(embeddedSource(engine));
    return assemble(source, poolOf(source), release, seal);
  } catch (error) {
    await release();
    throw error;
  }
}

async function start(source: DataSource): Promise<DataSource> {
  try {
    await source.initialize();
    await migrate(source);
    return source;
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    throw storeFault(error);
  }
}

const useOf = (pool: PoolUse['pool'], of: Pool): PoolUse => {
  const { totalCount: total, idleCount: idle, waitingCount: waiting } = of;
  return { pool, total, idle, waiting };
};

/** The embedded engine has one pool for both. */
const poolUse = (path: Pool, reader: Pool): readonly PoolUse[] =>
  path === reader ? [useOf('path', path)] : [useOf('path', path), useOf('reader', reader)];

const poolOf = (source: DataSource) => (source.driver as unknown as { master: Pool }).master;

const migrationsOf = (source: DataSource) => source.migrations.map(({ name, constructor }) => name ?? constructor.name);

function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | null = null;
  return () => (begun ??= work());
}

function assemble(source: DataSource, pool: Pool, release: () => Promise<void>, seal: Seal | null): Store {
  const sql = sqlOver(pool);
  const keys = new StoredDataKeys(sql, seal);
  // What operators ask by many filters is planned for its own values.
  const searches = sqlOver(poolOf(source));
  const feed = new LedgerFeed();
  const floor = new OpenFloor(sql);
  const mail = new Mail(feed, floor);
  const transitions = new Transitions(sql, feed);
  const searchKey = new SearchKey(sql, seal);
  const messages = new LedgerMessageStore(sql, feed, keys, searchKey);
  const outbox = new LedgerOutbox(sql, feed, floor);
  const deliveries = new LedgerDeliveries(sql, transitions, keys, floor, new DeliveryOwners(sql, floor));
  const queries = new LedgerQueryTrace(sql, feed, keys, searchKey);
  const close = once(async () => {
    mail.close();
    await Promise.all([messages, outbox, transitions, queries].map((writer) => writer.drain()));
    await source.destroy().then(release);
  });
  return {
    messages,
    outbox,
    ledger: deliveries,
    control: deliveries,
    queues: new LedgerQueues(sql, floor, feed),
    search: new LedgerDeliverySearch(searches),
    jobs: new StoredJobs(searches),
    jobQueue: new StoredJobQueue(sql),
    circuits: new LedgerCircuits(sql),
    allowances: new StoredAllowances(sql),
    dataKeys: keys,
    rotation: new StoredKeyRotation(sql, seal),
    sweeper: new LedgerSweeper(source, sql, transitions, feed, floor),
    box: new LedgerBox(sql, transitions, feed, mail, keys, floor, new DeliveryOwners(sql, floor)),
    pickUps: new LedgerPickUps(searches),
    trace: new LedgerTrace(source, sql),
    notes: new LedgerNotes(sql, feed),
    messageSearch: new LedgerMessageSearch(source, searches, searchKey),
    cursorKey: () => searchKey.derived('event cursors'),
    queries,
    exchanges: new LedgerExchanges(sql, keys),
    contents: new LedgerContents(sql, feed, keys),
    retention: new LedgerRetention(source, sql, feed),
    counting: new CountedLedger(sql, floor),
    statistics: new CountedStatistics(searches),
    payloads: new LedgerPayloads(sql, keys),
    chunks: new PayloadChunks(sql),
    feed,
    levels: new StoredLevels(searches, floor),
    database: new StoredFacts(searches, migrationsOf(source)),
    pools: () => poolUse(pool, poolOf(source)),
    registry: new StoredRegistryDocuments(source, sql, seal),
    ...ofOperators(sql, searches, floor, seal),
    corrections: new StoredCorrections(searches, feed, keys),
    signingKeys: new StoredSigningKeys(sql, seal),
    assertions: new StoredAssertions(sql),
    ping: async () => void (await sql.query('SELECT 1')),
    schemaDrift: () => schemaDrift(source),
    close,
  };
}

const ofOperators = (sql: Sql, searches: Sql, floor: OpenFloor, seal: Seal | null) => ({
  sessions: new StoredSessions(sql, seal),
  accounts: new StoredAccounts(sql, seal),
  filters: new StoredFilters(sql),
  audit: new StoredAudit(searches),
  alerts: new StoredAlerts(searches, new AlertFacts(searches, floor, new CountedStatistics(searches))),
  maintenance: new StoredMaintenance(sql),
  schedules: new StoredSchedules(searches),
});
