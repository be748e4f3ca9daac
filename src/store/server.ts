import pg, { type ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { databaseUrls } from '../database-url.js';
import { PLANS_SECONDS, SHARED } from './data-source.js';
import { clientsOf } from './primary-client.js';
import { Primary, type Server } from './primary.js';

/** PostgreSQL, or whichever of its hosts is not in recovery, behind two small pools. */
export interface ServerConnections {
  /** For what TypeORM reads and changes, and for searches. */
  readonly source: DataSource;
  /**
   * For the statements of the path: many callers share each of them, so ten connections are plenty. Their plans are made once a
   * connection: for its own values each time, over the partitions of every day, planning takes half as long as running.
   */
  readonly path: pg.Pool;
  /** Ends the pool of the path and the watch over the other hosts. */
  stop(): Promise<void>;
}

const READERS = 4;
const CONNECT_MS = 5_000;
/** Compiling a statement takes ten times as long as running any of ours. */
const NO_COMPILER = '-c jit=off';

/**
 * On the path of messages everything is looked up by a key, and planned once a connection. A plan that is made while the partition of a day is
 * empty would read it whole, and go on so when it is full.
 */
const BY_KEY = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off';

/** A message lies in the partition of its deliveries: joined day by day, each day by its own statistics and indexes. */
export const SEARCHING = `${NO_COMPILER} -c enable_partitionwise_join=on`;
const SESSION = {
  keepAlive: true,
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 30_000,
  query_timeout: 20_000,
  onConnect: writable,
};

/** `url` may name several hosts; nothing is connected before it is used. */
export function serverConnections(url: string, owner: string, poolSize: number): ServerConnections {
  const urls = databaseUrls(url);
  const open: Parameters<typeof clientsOf>[1] = new Set();
  const primary = new Primary(urls, (to: Server) => {
    for (const client of open) if (client.server !== to) void client.end().catch(() => undefined);
  });
  const session = { ...SESSION, Client: clientsOf(primary, open) };
  const source = new DataSource({
    ...SHARED,
    url: urls[0]!,
    poolSize: Math.min(poolSize, READERS),
    connectTimeoutMS: CONNECT_MS,
    applicationName: `crocevia ${owner}`,
    extra: { ...session, options: SEARCHING },
  });
  const path = new pg.Pool({
    ...session,
    connectionString: urls[0],
    max: poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: `crocevia ${owner}`,
    options: `${NO_COMPILER} ${BY_KEY}`,
    maxLifetimeSeconds: PLANS_SECONDS,
  }).on('error', SHARED.poolErrorHandler);
  const stop = async () => {
    primary.stop();
    await path.end();
  };
  return { source, path, stop };
}

/** A standby takes connections too: one to it is given up before anything is asked of it. */
async function writable(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>(`SELECT pg_is_in_recovery() AS standby`);
  if (rows[0]?.standby) throw Object.assign(new Error('The server is in recovery.'), { code: 'ENOPRIMARY' });
}
