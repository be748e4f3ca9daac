import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { join } from 'node:path';

/** A second start on one data directory: two engines there would destroy it. */
export class DirectoryInUse extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number | null,
  ) {
    const holder = pid === null ? 'another process' : `the process ${pid}`;
    super(`The data directory ${directory} is in use by ${holder}. Stop it first, or name another directory.`);
    this.name = 'DirectoryInUse';
  }
}

export interface DirectoryLock {
  release(): Promise<void>;
}

const NAME = 'lock.sock';
/** A stopped holder still takes the connection but says nothing. */
const ANSWER_MS = 500;

/**
 * Holds the directory by a socket in it that only a live process answers: the kernel closes it with its process, so
 * that nothing stale remains to wait for after kill -9. Throws {@link DirectoryInUse}.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true });
  const handle = openSync(directory, 'r');
  const own = `lock-${process.pid}-${randomUUID()}.sock`;
  const server = await listen(address(handle, own));
  try {
    await publish(directory, handle, own);
  } catch (error) {
    await stop(server, handle);
    throw error;
  }
  removeLeftovers(directory);
  return {
    release: async () => {
      unlinkSync(join(directory, NAME));
      await stop(server, handle);
    },
  };
}

/** A socket address holds 107 bytes, a path may be longer: on Linux it is reached through the open directory. */
function address(handle: number, name: string): string {
  return `/proc/self/fd/${handle}/${name}`;
}

/** Gives the socket its well-known name, which link(2) does for one process only. */
async function publish(directory: string, handle: number, own: string): Promise<void> {
  const lock = join(directory, NAME);
  for (;;) {
    try {
      linkSync(join(directory, own), lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const inode = statSync(lock, { throwIfNoEntry: false })?.ino;
    const holder = await ask(address(handle, NAME));
    if (holder.alive) throw new DirectoryInUse(directory, holder.pid);
    if (inode !== undefined) takeAside(directory, lock, inode);
  }
}

/** Removes the name of a dead holder, and only that one: another process may have published its own meanwhile. */
function takeAside(directory: string, lock: string, inode: number): void {
  const aside = join(directory, `lock-aside-${randomUUID()}.sock`);
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (statSync(aside).ino !== inode) linkSync(aside, lock);
  unlinkSync(aside);
}

function ask(path: string): Promise<{ alive: boolean; pid: number | null }> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let said = '';
    let reached = false;
    const end = () => {
      socket.destroy();
      resolve({ alive: reached, pid: /^\d+$/.test(said) ? Number(said) : null });
    };
    socket.setTimeout(ANSWER_MS, end);
    socket.on('connect', () => (reached = true));
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('error', end);
    socket.on('end', end);
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(String(process.pid));
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function stop(server: Server, handle: number): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
  closeSync(handle);
}

/** Private names of processes that died; the holder alone calls this. */
function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^lock-(\d+)-.*\.sock$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
