// A command in a process group of its own, of which nothing outlives it.
import { spawn } from 'node:child_process';

/** Ends the group once its standard input has ended: that is whenever and however this process ends. */
const WATCHDOG = 'while read _; do :; done; kill -s KILL -- "-$1" 2>/dev/null';

/** Runs a command; resolves to its exit code once everything that it has left behind in its group is gone. */
export function runGroup(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options, detached: true });
    child.on('error', () => resolve(127));
    if (child.pid === undefined) return;
    const watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', String(child.pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.on('exit', (code) => {
      watchdog.on('exit', () => resolve(code ?? 1));
      watchdog.stdin.end();
    });
  });
}
