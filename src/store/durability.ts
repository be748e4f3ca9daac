import pg from 'pg';
import { databaseUrls } from '../database-url.js';

/** What a host of DATABASE_URL says of itself. */
export interface HostDurability {
  readonly url: string;
  /** Null: it could not be asked. */
  readonly seen: Durability | null;
  readonly problem: string | null;
}

export interface Durability {
  readonly version: number;
  readonly inRecovery: boolean;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** `on`, `off`, `local`, `remote_write` or `remote_apply`. */
  readonly synchronousCommit: string;
  readonly synchronousStandbyNames: string;
  /** Standbys that stream from it now, and those of them that a commit waits for. */
  readonly standbys: number;
  readonly synchronous: number;
  /** Tables and indexes that all connections together may hold locks of, and those connections. */
  readonly locks: number;
  readonly connections: number;
}

const LIMIT_MS = 3_000;

const LOOK = `SELECT current_setting('server_version_num')::int / 10000 AS version, pg_is_in_recovery() AS "inRecovery",
  current_setting('fsync') = 'on' AS fsync, current_setting('full_page_writes') = 'on' AS "fullPageWrites",
  current_setting('synchronous_commit') AS "synchronousCommit",
  current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
  (SELECT count(*)::int FROM pg_stat_replication) AS standbys,
  (SELECT count(*)::int FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS synchronous,
  current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int AS connections,
  current_setting('max_locks_per_transaction')::int
    * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS locks`;

/** Asks each host, and changes nothing. */
export function inspectDurability(databaseUrl: string): Promise<readonly HostDurability[]> {
  return Promise.all(databaseUrls(databaseUrl).map(inspectHost));
}

async function inspectHost(url: string): Promise<HostDurability> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: LIMIT_MS, query_timeout: LIMIT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { url, seen: (await client.query<Durability>(LOOK)).rows[0] ?? null, problem: null };
  } catch (error) {
    return { url, seen: null, problem: (error as Error).message };
  } finally {
    client.end().catch(() => undefined);
  }
}
