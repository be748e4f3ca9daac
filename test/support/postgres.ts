import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './ports.js';
import { smallVolume, type SmallVolume } from './small-volume.js';

/** A PostgreSQL of a test's own: fsync on, 127.0.0.1 only. */
export interface PrivatePostgres {
  readonly url: string;
  /** An empty database more on the same server; returns its url. */
  database(name: string): Promise<string>;
  /** SIGKILL to the postmaster and all its children, as a power switch would. */
  kill9(): Promise<void>;
  /** SIGSTOP or SIGCONT to all of its processes: it hangs, and its connections stay. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends every connection of others, as a firewall does. */
  dropConnections(): Promise<void>;
  /** Starts it again on the same files and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Ends the server and removes its files when the test process is gone, however it went. */
const WATCHDOG_SCRIPT = `
while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 1; done
for f in "$2/data/postmaster.pid" "$2/volume/data/postmaster.pid"; do
  [ -f "$f" ] && p="$(head -n1 "$f")" && kill -INT "$p" 2>/dev/null && kill -CONT "$p" 2>/dev/null && sleep 2
done
for d in "$2/data" "$2/wal" "$2/volume"; do mountpoint -q "$d" && umount --lazy "$d"; done
rm -rf "$2"`;

export function watchServer(directory: string): void {
  const args = ['-c', WATCHDOG_SCRIPT, 'watchdog', String(process.pid), directory];
  spawn('sh', args, { detached: true, stdio: 'ignore' }).unref();
}

/** Starts one from the machine's binaries; throws where there are none. */
export async function startPostgres(): Promise<PrivatePostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-pg-'));
  giveAway(directory);
  watchServer(directory);
  return startIn(directory);
}

interface ServerIn extends PrivatePostgres {
  /** `leave` comes between the end of the server and the removal of its files. */
  stop(leave?: () => void): Promise<void>;
}

export interface FullablePostgres extends PrivatePostgres {
  readonly data: SmallVolume;
  readonly wal: SmallVolume;
}

/** One whose files and whose write-ahead log lie on volumes that can be filled; null where this process may not mount. */
export async function startFullablePostgres(): Promise<FullablePostgres | null> {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-pg-'));
  giveAway(directory);
  watchServer(directory);
  const data = smallVolume(join(directory, 'data'), 256);
  const wal = data && smallVolume(join(directory, 'wal'), 256);
  if (!data || !wal) return null;
  for (const { path } of [data, wal]) giveAway(path);
  const inWal = join(wal.path, 'files');
  const postgres = await startIn(directory, ['--waldir', inWal]);
  const stop = async () => {
    for (const { free } of [data, wal]) free();
    await postgres.stop(() => [data, wal].forEach((volume) => volume.stop()));
  };
  return { ...postgres, data, wal, stop };
}

async function startIn(directory: string, more: readonly string[] = []): Promise<ServerIn> {
  const bin = binaries();
  const data = join(directory, 'data');
  const settings = ['-D', data, '-U', 'crocevia', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  runAs(join(bin, 'initdb'), [...settings, ...more]);
  const port = await freePort();
  const url = `postgres://crocevia@127.0.0.1:${port}/postgres`;
  const start = async () => {
    const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
    runAs(join(bin, 'pg_ctl'), ['-D', data, '-w', '-t', '60', '-l', join(directory, 'log'), '-o', options, 'start']);
    await ready(url);
  };
  await start();
  return {
    url,
    database: async (name) => {
      await once(url, `CREATE DATABASE ${name}`);
      return url.replace(/postgres$/, name);
    },
    kill9: () => killAll(data),
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => {
      for (const pid of family(data)) process.kill(pid, signal);
    },
    dropConnections: () => once(url, DROP),
    restart: start,
    stop: async (leave: () => void = () => undefined) => {
      if (existsSync(join(data, 'postmaster.pid'))) {
        runAs(join(bin, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop']);
      }
      leave();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const DROP = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;

export function binaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  if (found === undefined) throw new Error(`No PostgreSQL under ${root}: install the package postgresql.`);
  return found;
}

/** initdb and postgres refuse to run as root. */
export function runAs(command: string, args: readonly string[]): void {
  const root = process.getuid?.() === 0;
  const [file, ...all] = root
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', command]
    : [command];
  execFileSync(file!, [...all, ...args], { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
}

export function giveAway(directory: string): void {
  chmodSync(directory, 0o755);
  if (process.getuid?.() !== 0) return;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('postgres:'));
  const [, , user, group] = entry?.split(':') ?? [];
  chownSync(directory, Number(user), Number(group));
}

function postmaster(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** The postmaster last. */
function family(data: string): readonly number[] {
  const parent = postmaster(data);
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').match(/\d+/g) ?? [];
  return [...children.map(Number), parent];
}

/** Stopped first, so that no child is born between the list and the kill. */
export async function killAll(data: string): Promise<void> {
  const parent = postmaster(data);
  process.kill(parent, 'SIGSTOP');
  const pids = family(data);
  for (const pid of pids) kill(pid);
  while (pids.some(isRunning)) await new Promise((resolve) => setImmediate(resolve));
  // Where nobody collects the dead at once, its pid would still look taken.
  rmSync(join(data, 'postmaster.pid'));
}

function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function ready(url: string): Promise<void> {
  await once(url, 'SELECT 1');
}

async function once(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
