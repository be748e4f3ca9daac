import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { freePort } from './ports.js';

export const ADMIN_TOKEN = 'operators-token-of-the-tests';

/** A gateway in a process of its own, run from the build. */
export interface RunningGateway {
  readonly url: string;
  readonly pid: number;
  /** Everything it has logged so far. */
  logs(): string;
  /** SIGTERM, and waits: the node drains. Returns its exit code. */
  stop(): Promise<number | null>;
  kill9(): Promise<void>;
}

/**
 * Starts a build's main.js on a free port and waits until it is ready; `through` is a command that becomes it. GATEWAY_NODE_FLAGS, divided
 * by blanks, are flags of Node for every one. Throws with its log where it ends instead.
 */
export async function startGateway(
  env: Record<string, string>,
  main = 'dist/main.js',
  through: readonly string[] = [],
): Promise<RunningGateway> {
  if (!existsSync(main)) throw new Error('there is no build: run npm run build first');
  const port = env['CROCEVIA_PORT'] ?? String(await freePort());
  const flags = process.env['GATEWAY_NODE_FLAGS']?.split(' ') ?? [];
  // It ends with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...through, process.execPath, ...flags, main], {
    env: {
      PATH: process.env['PATH'],
      CROCEVIA_PORT: port,
      CROCEVIA_ADMIN_TOKEN: ADMIN_TOKEN,
      CROCEVIA_LOG_LEVEL: 'info',
      CROCEVIA_ALLOWED_NETWORKS: '127.0.0.0/8,::1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const logs = collect(child);
  await ready(child, logs);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    // `close` comes once its last lines have been read.
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    logs,
    stop: () => end('SIGTERM'),
    kill9: async () => void (await end('SIGKILL')),
  };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

async function ready(child: ChildProcess, logs: () => string): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the gateway ended with ${String(code)} instead of starting:\n${logs()}`);
  });
  await Promise.race([once(child, 'message'), ended]);
}
