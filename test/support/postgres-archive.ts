import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { binaries, giveAway, killAll, runAs, watchServer } from './postgres.js';
import { query, startServer, type Place } from './postgres-pair.js';
import { until } from './until.js';

/** A PostgreSQL of a test's own whose log is archived as docs/operations.md says. */
export interface ArchivedPostgres {
  readonly url: string;
  /** Copies its files while it runs. */
  baseBackup(): void;
  /** Its clock: all that was committed before is earlier. */
  now(): Promise<string>;
  /** Waits until the archive has everything that was committed. */
  archived(): Promise<void>;
  /** SIGKILL, and its disk is gone: the base backup and the archive are left. */
  lose(): Promise<void>;
  /** The base backup, and of the archive what was committed until the point; it comes up under the same address. */
  restore(point: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one from the machine's binaries; throws where there are none. */
export async function startArchivedPostgres(): Promise<ArchivedPostgres> {
  const bin = binaries();
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-pg-'));
  giveAway(directory);
  watchServer(directory);
  const place: Place = { directory, data: join(directory, 'data'), port: await freePort(), volume: null };
  const [archive, backup] = [join(directory, 'archive'), join(directory, 'backup')];
  mkdirSync(archive);
  giveAway(archive);
  const url = `postgres://crocevia@127.0.0.1:${place.port}/postgres`;
  const configure = (lines: readonly string[]) =>
    appendFileSync(join(place.data, 'postgresql.conf'), `${lines.join('\n')}\n`);

  const settings = ['-D', place.data, '-U', 'crocevia', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  runAs(join(bin, 'initdb'), settings);
  configure(['archive_mode = on', `archive_command = 'test ! -f "${archive}/%f" && cp "%p" "${archive}/%f"'`]);
  startServer(bin, place);

  return {
    url,
    baseBackup: () => {
      const from = `host=127.0.0.1 port=${place.port} user=crocevia`;
      // What of the log it needs comes from the archive. Without `-c fast` it waits for a spread checkpoint.
      runAs(join(bin, 'pg_basebackup'), ['-D', backup, '-X', 'none', '-c', 'fast', '--no-sync', '-d', from]);
    },
    now: async () => String((await query(url, `SELECT clock_timestamp()::text AS now`))[0]?.['now']),
    archived: async () => {
      const [ended] = await query(url, `SELECT pg_walfile_name(pg_switch_wal()) AS file`);
      const isThere = `SELECT 1 FROM pg_stat_archiver WHERE last_archived_wal >= '${String(ended?.['file'])}'`;
      await until(async () => (await query(url, isThere)).length === 1);
    },
    lose: async () => {
      await killAll(place.data);
      rmSync(place.data, { recursive: true });
    },
    restore: async (point) => {
      runAs('cp', ['-a', backup, place.data]);
      configure([
        `restore_command = 'cp "${archive}/%f" "%p"'`,
        `recovery_target_time = '${point}'`,
        `recovery_target_action = 'promote'`,
      ]);
      runAs('touch', [join(place.data, 'recovery.signal')]);
      startServer(bin, place);
      await until(async () => (await query(url, `SELECT 1 WHERE NOT pg_is_in_recovery()`)).length === 1);
    },
    stop: async () => {
      await killAll(place.data);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
