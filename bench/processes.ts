import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../test/support/ports.js';

const children: ChildProcess[] = [];

export const script = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
export const gatewayScript = `${process.cwd()}/dist/main.js`;

/** Roles of each process of a gateway, the first one takes what comes. As one it uses little more than one core. */
export const SHAPES = {
  'one process': ['ingress,relay,dispatcher,admin'],
  'two processes': ['ingress,admin', 'relay,dispatcher'],
} as const;
export type Shape = keyof typeof SHAPES;

/** What `npm start` gives Node for the gateway, the bare pipeline gets too. */
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: { readonly start: string };
};
const execArgv = scripts.start.split(' ').filter((word) => word.startsWith('--'));

/** Resolves when the process has said that it is ready; throws where it ends before. */
export async function start(path: string, env: Record<string, string>): Promise<ChildProcess> {
  const child = fork(path, {
    env: { ...process.env, CROCEVIA_ALLOWED_NETWORKS: '127.0.0.0/8', ...env },
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${path} ended with ${code}`)));
  await Promise.race([once(child, 'message'), gone]);
  gone.catch(() => undefined);
  return child;
}

/** A gateway on RabbitMQ and PostgreSQL that listens on `port`. */
export async function startGateway(
  shape: Shape,
  port: string,
  env: Record<string, string>,
): Promise<readonly ChildProcess[]> {
  const [first, ...others] = SHAPES[shape];
  const own = (roles: string, at: string) => start(gatewayScript, { ...env, CROCEVIA_ROLES: roles, CROCEVIA_PORT: at });
  // The first one brings the ledger up to date.
  return [await own(first, port), ...(await Promise.all(others.map(async (roles) => own(roles, await anyPort()))))];
}

export const anyPort = async () => String(await freePort());

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Kills whatever has been started and still runs. */
export function stopAll(): void {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
}

/** Milliseconds of processor time that processes have had so far, all their threads. */
export const cpuMs = (processes: readonly ChildProcess[]): number =>
  processes.reduce((sum, child) => sum + cpuMsOf(child), 0);

/** proc(5): fields 14 and 15, in 10 ms. */
function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
