import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './ports.js';
import { binaries, giveAway, killAll, runAs, watchServer } from './postgres.js';
import { diskVolume, type SmallVolume } from './small-volume.js';
import { until } from './until.js';

/** A primary with a synchronous standby, of a test's own, on 127.0.0.1. */
export interface PostgresPair {
  /** Both hosts, in libpq's form. */
  readonly url: string;
  primaryUrl(): string;
  standbyUrl(): string;
  /** One statement at the primary. */
  atPrimary(text: string): Promise<readonly Record<string, unknown>[]>;
  /** SIGKILL to the primary and all its processes. */
  killPrimary(): Promise<void>;
  /** The killed or stopped primary comes up again as it was. */
  restartPrimary(): Promise<void>;
  /** Makes the standby the primary; it goes on alone until `rejoin`. */
  promote(): Promise<void>;
  /** What was the primary comes up as it was, able to write: two now say that they are the primary. */
  startFormer(): Promise<void>;
  /** What was the primary becomes the synchronous standby of the other one, from a new copy. */
  rejoin(): Promise<void>;
  /** The standby takes nothing more: a commit at the primary waits. */
  holdReplication(): Promise<void>;
  releaseReplication(): void;
  signalPrimary(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Takes every free block of the volume on which all files of the primary lie. */
  fillDisk(): void;
  /** Gives them back, and starts the primary again where it had ended for want of them. */
  freeDisk(): Promise<void>;
  stop(): Promise<void>;
}

export interface Place {
  readonly directory: string;
  readonly data: string;
  readonly port: number;
  readonly volume: SmallVolume | null;
}

/**
 * Starts both from the machine's binaries; throws where there are none. With a size each has a volume of its own, so that its disk
 * can be filled: throws where this process may not mount.
 */
export async function startPostgresPair(volumeMegabytes = 0): Promise<PostgresPair> {
  const bin = binaries();
  const places = [await place(volumeMegabytes), await place(volumeMegabytes)];
  let [primary, standby] = places as [Place, Place];
  let held: number | null = null;
  const urlOf = ({ port }: Place) => `postgres://crocevia@127.0.0.1:${port}/postgres`;
  const start = (at: Place) => startServer(bin, at);

  const settings = ['-D', primary.data, '-U', 'crocevia', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  runAs(join(bin, 'initdb'), [...settings, '--data-checksums']);
  start(primary);

  /** A new copy of the primary. */
  const joinStandby = async () => {
    rmSync(standby.data, { recursive: true, force: true });
    const from = `host=127.0.0.1 port=${primary.port} user=crocevia`;
    // Without `-c fast` it waits for a spread checkpoint.
    const copy = ['-D', standby.data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-d', from];
    runAs(join(bin, 'pg_basebackup'), copy);
    start(standby);
    await until(async () => (await query(urlOf(primary), STREAMING)).length === 1);
    await synchronous(urlOf(primary), `'*'`);
  };
  const killPrimary = () => killAll(primary.data);
  await joinStandby();

  return {
    url: `postgres://crocevia@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres?target_session_attrs=read-write`,
    primaryUrl: () => urlOf(primary),
    standbyUrl: () => urlOf(standby),
    atPrimary: (text) => query(urlOf(primary), text),
    killPrimary,
    restartPrimary: async () => start(primary),
    promote: async () => {
      await query(urlOf(standby), `SELECT pg_promote(true, 30)`);
      [primary, standby] = [standby, primary];
      await synchronous(urlOf(primary), `''`);
    },
    startFormer: async () => {
      start(standby);
      await synchronous(urlOf(standby), `''`);
    },
    rejoin: async () => {
      if (isUp(standby)) await killAll(standby.data);
      await joinStandby();
    },
    holdReplication: async () => {
      const rows = await query(urlOf(standby), `SELECT pid FROM pg_stat_wal_receiver`);
      held = Number(rows[0]?.['pid']);
      process.kill(held, 'SIGSTOP');
    },
    releaseReplication: () => {
      if (held !== null) process.kill(held, 'SIGCONT');
      held = null;
    },
    signalPrimary: (signal) => signalAll(primary, signal),
    fillDisk: () => primary.volume!.fill(),
    freeDisk: async () => {
      primary.volume!.free();
      if (await comesBack(urlOf(primary))) return;
      if (isUp(primary)) await killPrimary();
      start(primary);
    },
    stop: async () => {
      for (const at of places) {
        if (isUp(at)) await killAll(at.data);
        at.volume?.stop();
        rmSync(at.directory, { recursive: true, force: true });
      }
    },
  };
}

const STREAMING = `SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'`;

async function place(volumeMegabytes: number): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-pg-'));
  giveAway(directory);
  watchServer(directory);
  const volume = volumeMegabytes === 0 ? null : diskVolume(join(directory, 'volume'), volumeMegabytes);
  if (volume === null && volumeMegabytes > 0) throw new Error('this process may not mount a volume');
  if (volume) giveAway(volume.path);
  return { directory, data: join(volume?.path ?? directory, 'data'), port: await freePort(), volume };
}

const BACK_MS = 5_000;

/** Whether a server that has had an error of its disk answers again by itself. */
async function comesBack(url: string): Promise<boolean> {
  for (const end = Date.now() + BACK_MS; Date.now() < end; await pause(200))
    if (await query(url, 'SELECT 1').catch(() => null)) return true;
  return false;
}

export function startServer(bin: string, { directory, data, port }: Place): void {
  // Room for the locks of two years, as docs/operations.md says.
  const room = '-c max_connections=200 -c max_locks_per_transaction=512';
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= ${room}`;
  runAs(join(bin, 'pg_ctl'), ['-D', data, '-w', '-t', '60', '-l', join(directory, 'log'), '-o', options, 'start']);
}

const isUp = ({ data }: Place) => existsSync(join(data, 'postmaster.pid'));

/** The postmaster and its children. */
function signalAll({ data }: Place, signal: NodeJS.Signals): void {
  const parent = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').match(/\d+/g) ?? [];
  for (const pid of [parent, ...children.map(Number)]) process.kill(pid, signal);
}

async function synchronous(url: string, names: string): Promise<void> {
  await query(url, `ALTER SYSTEM SET synchronous_standby_names = ${names}`);
  await query(url, `SELECT pg_reload_conf()`);
  if (names === `''`) return;
  const synced = `SELECT 1 FROM pg_stat_replication WHERE sync_state <> 'async'`;
  await until(async () => (await query(url, synced)).length === 1);
}

export async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
