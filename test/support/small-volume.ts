import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => {
      const file = openSync(ballast, 'w');
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

/** Tells whether `smallVolume` can mount here. */
export function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'crocevia-volume-'));
  const volume = smallVolume(path, 1);
  volume?.stop();
  rmSync(path, { recursive: true, force: true });
  return volume !== null;
}
