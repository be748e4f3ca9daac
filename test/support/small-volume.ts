import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Left to what writes it out: the last blocks of a file system are not where its figures say. */
const RESERVE_BYTES = 64 * 1024 * 1024;
const MEBIBYTE = Buffer.alloc(1024 * 1024);

/** A file system of its own that can be filled up. */
export interface SmallVolume {
  readonly path: string;
  /** Takes every free block. */
  fill(): void;
  /** Gives them back. */
  free(): void;
  stop(): void;
}

/** Mounts one in memory at a new directory; null where this process may not mount. */
export function smallVolume(path: string, megabytes: number): SmallVolume | null {
  mkdirSync(path, { recursive: true });
  return mounted(path, () => run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]));
}

/** Mounts one on the disk, in a file beside the new directory that takes what is written; null where this process may not mount. */
export function diskVolume(path: string, megabytes: number): SmallVolume | null {
  mkdirSync(path, { recursive: true });
  const image = `${path}.img`;
  return mounted(path, () => {
    run('truncate', ['--size', `${megabytes}M`, image]);
    run('mkfs.ext4', ['-q', '-m', '0', image]);
    run('mount', ['-o', 'loop', image, path]);
  });
}

const run = (command: string, args: readonly string[]) => void execFileSync(command, args, { stdio: 'ignore' });

function mounted(path: string, mount: () => void): SmallVolume | null {
  try {
    mount();
  } catch {
    return null;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => {
      reserve(ballast, path);
      const file = openSync(ballast, 'a');
      try {
        for (;;) writeSync(file, MEBIBYTE);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    stop: () => void execFileSync('umount', ['--lazy', path]),
  };
}

/** Most of what is free, without writing it, where the file system can. */
function reserve(ballast: string, path: string): void {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize - RESERVE_BYTES;
  if (free > 0) run('fallocate', ['--length', String(free), ballast]);
}

/** Tells whether `smallVolume`, or another kind, can mount here. */
export function mayMount(kind = smallVolume): boolean {
  const path = mkdtempSync(join(tmpdir(), 'crocevia-volume-'));
  const volume = kind(join(path, 'volume'), 16);
  volume?.stop();
  rmSync(path, { recursive: true, force: true });
  return volume !== null;
}
