import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Kills the process groups that the file `groups` of the directory names, if any, and removes the directory. */
const SCRIPT = `
while read _; do :; done
[ -f "$1/groups" ] && while read g; do kill -s KILL -- "-$g" 2>/dev/null; done < "$1/groups"
rm -rf "$1"`;

/**
 * Cleans up once its standard input has ended, which this process holds: that is whenever and however this process
 * ends. It does not keep this process alive.
 */
export function watch(directory: string): ChildProcess {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

/** Has it clean up now, and waits; until then it keeps this process alive, which else ends in the midst of it. */
export async function cleanUp(watchdog: ChildProcess): Promise<void> {
  const gone = once(watchdog, 'exit');
  watchdog.ref();
  watchdog.stdin?.end();
  await gone;
}
