import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { PayloadLedger, PayloadStore } from '../acceptance/payloads.js';
import type { MessageStore, Outbox } from '../acceptance/ports.js';
import type { BoxStore, DeliveryControl, DeliveryLedger, Sweeper } from '../delivery/ports.js';
import type { Exchanges } from '../exchange/ports.js';
import type { QueryTrace } from '../query/ports.js';
import type { RegistryStore } from '../registry/registry-store.js';
import type { JournalFeed, MessageContents, TraceReader } from '../trace/ports.js';
import { LedgerBox } from './box.js';
import { LedgerContents } from './contents.js';
import { embeddedSource, serverSource } from './data-source.js';
import { LedgerDeliveries } from './delivery-ledger.js';
import { lockDirectory } from './embedded/directory-lock.js';
import { Engine } from './embedded/engine.js';
import { LedgerExchanges } from './exchanges.js';
import { storeFault } from './faults.js';
import { LedgerFeed } from './feed.js';
import { Mail } from './mail.js';
import { LedgerMessageStore } from './message-store.js';
import { migrate } from './migrate.js';
import { LedgerOutbox } from './outbox.js';
import { PayloadChunks } from './payload-chunks.js';
import { LedgerPayloads } from './payload-ledger.js';
import { LedgerQueryTrace } from './query-trace.js';
import { schemaDrift } from './schema-drift.js';
import { sqlOver } from './sql.js';
import { StoredRegistryDocuments } from './registry-documents.js';
import { LedgerSweeper } from './sweeper.js';
import { LedgerTrace } from './trace-reader.js';
import { Transitions } from './transition.js';

export interface StoreOptions {
  /** Null: the embedded engine in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Directory of the embedded engine; made where it is missing. */
  readonly dataDir: string;
  /** This node, as the database server lists its connections. */
  readonly owner: string;
  /** Connections to PostgreSQL; 10 where it is left out. */
  readonly poolSize?: number;
}

/** The ledger, opened. */
export interface Store {
  readonly messages: MessageStore;
  readonly outbox: Outbox;
  readonly ledger: DeliveryLedger;
  readonly control: DeliveryControl;
  readonly sweeper: Sweeper;
  readonly box: BoxStore;
  readonly trace: TraceReader;
  readonly queries: QueryTrace;
  readonly exchanges: Exchanges;
  readonly contents: MessageContents;
  /** Which large contents there are, wherever they lie. */
  readonly payloads: PayloadLedger;
  /** Large contents as rows of this database. */
  readonly chunks: PayloadStore;
  readonly feed: JournalFeed;
  readonly registry: RegistryStore;
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
  if (options.databaseUrl === null) return openEmbedded(options.dataDir);
  const source = serverSource(options.databaseUrl, options.owner, options.poolSize ?? POOL_SIZE);
  return assemble(await start(source), () => Promise.resolve());
}

async function openEmbedded(dataDir: string): Promise<Store> {
  const lock = await lockDirectory(dataDir);
  let engine: Engine | null = null;
  const release = async () => {
    await engine?.close();
    await lock.release();
  };
  try {
    engine = await Engine.open(join(dataDir, 'ledger'));
    return assemble(await start(embeddedSource(engine)), release);
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

function assemble(source: DataSource, release: () => Promise<void>): Store {
  const sql = sqlOver(source);
  const feed = new LedgerFeed();
  const mail = new Mail(sql, feed);
  const transitions = new Transitions(sql, feed);
  const messages = new LedgerMessageStore(sql, feed);
  const outbox = new LedgerOutbox(sql, feed);
  const deliveries = new LedgerDeliveries(sql, transitions);
  const queries = new LedgerQueryTrace(sql, feed);
  const close = async () => {
    mail.close();
    await Promise.all([messages.drain(), outbox.drain(), transitions.drain(), queries.drain()]);
    await source.destroy();
    await release();
  };
  let closed: Promise<void> | null = null;
  return {
    messages,
    outbox,
    ledger: deliveries,
    control: deliveries,
    sweeper: new LedgerSweeper(source, sql, transitions, feed),
    box: new LedgerBox(sql, transitions, feed, mail),
    trace: new LedgerTrace(source),
    queries,
    exchanges: new LedgerExchanges(sql),
    contents: new LedgerContents(sql, feed),
    payloads: new LedgerPayloads(sql),
    chunks: new PayloadChunks(sql),
    feed,
    registry: new StoredRegistryDocuments(source, sql),
    ping: async () => void (await sql.query('SELECT 1')),
    schemaDrift: () => schemaDrift(source),
    close: () => (closed ??= close()),
  };
}
