import type { DatabaseFacts, DatabaseReader } from '../system/ports.js';
import type { Sql } from './sql.js';

/** As `server.ts` names each connection: `crocevia` and the node. */
const FACTS = `
SELECT current_setting('server_version') AS version, pg_postmaster_start_time() AS started, current_setting('archive_mode') AS mode,
  has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS may_look,
  (SELECT last_archived_time FROM pg_stat_archiver) AS archived, (SELECT last_failed_time FROM pg_stat_archiver) AS failed,
  (SELECT coalesce(json_agg(name ORDER BY id), '[]') FROM migration) AS migrations,
  (SELECT coalesce(json_agg(DISTINCT substr(application_name, 10)), '[]') FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'crocevia %') AS nodes,
  (SELECT coalesce(json_agg(json_build_object('name', name, 'owner', owner, 'until', until) ORDER BY name), '[]')
    FROM lease WHERE until > now()) AS leases`;

/** PostgreSQL ends each base backup with a file beside its log, and keeps the newest while it archives. */
const BASE_BACKUP = `SELECT max(modification) AS ended FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup$'`;

interface Row {
  readonly version: string;
  readonly started: Date;
  readonly mode: string;
  readonly may_look: boolean;
  readonly archived: Date | null;
  readonly failed: Date | null;
  readonly migrations: readonly string[];
  readonly nodes: readonly string[];
  readonly leases: readonly { readonly name: string; readonly owner: string; readonly until: string }[];
}

export class StoredFacts implements DatabaseReader {
  constructor(
    private readonly sql: Sql,
    /** Names of the migrations of this version. */
    private readonly known: readonly string[],
  ) {}

  async facts(): Promise<DatabaseFacts> {
    const [row] = await this.sql.query<Row>(FACTS);
    const { version, started, mode, archived, failed, migrations, nodes, leases } = row!;
    return {
      version,
      startedAt: started,
      migrations: {
        applied: migrations.length,
        last: migrations.at(-1) ?? '',
        pending: this.known.filter((name) => !migrations.includes(name)),
        foreign: migrations.filter((name) => !this.known.includes(name)),
      },
      archive: { mode, archivedAt: archived, failedAt: failed },
      baseBackup: await this.baseBackup(mode !== 'off' && row!.may_look),
      nodes,
      leases: leases.map((lease) => ({ ...lease, until: new Date(lease.until) })),
    };
  }

  private async baseBackup(isVisible: boolean): Promise<DatabaseFacts['baseBackup']> {
    if (!isVisible) return { isVisible, endedAt: null };
    const [row] = await this.sql.query<{ readonly ended: Date | null }>(BASE_BACKUP);
    return { isVisible, endedAt: row!.ended };
  }
}
