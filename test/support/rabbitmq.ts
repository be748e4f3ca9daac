import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './ports.js';
import { cleanUp, watch } from './watchdog.js';

const BINARIES = '/usr/lib/rabbitmq/bin';
const BOOT_LIMIT_MS = 120_000;

export interface Rabbit {
  /** amqp://guest:guest@127.0.0.1:port */
  readonly url: string;
  /** http://guest:guest@127.0.0.1:port */
  readonly managementUrl: string;
  /** Everything that it keeps lies below. */
  readonly directory: string;
  /** Runs rabbitmqctl on the node and gives back what it printed. */
  ctl(...args: string[]): Promise<string>;
  /** Ends everything that belongs to the node and removes its directory. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts the node again with what it had on disk; kills it first where it runs. */
  restart(): Promise<void>;
  /** The same node with an empty disk: every queue, user and message is gone. */
  wipe(): Promise<void>;
}

/**
 * A private RabbitMQ node from this machine's binaries: own directory, cookie, ports and epmd, all on 127.0.0.1, with
 * the management plugin. A watchdog ends it and removes the directory even when this process is killed.
 */
export async function startRabbit(): Promise<Rabbit> {
  const node = await prepare();
  const watchdog = watch(node.dir);
  const epmd = startEpmd(node.ports.epmd);
  let server = await boot(node, epmd);

  const kill9 = () => kill(server);
  const restart = async () => {
    await kill9();
    server = await boot(node, epmd);
  };
  return {
    url: `amqp://guest:guest@127.0.0.1:${node.ports.amqp}`,
    managementUrl: `http://guest:guest@127.0.0.1:${node.ports.management}`,
    directory: node.dir,
    ctl: (...args) => runTool(node, 'rabbitmqctl', ['-q', ...args]),
    kill9,
    restart,
    wipe: async () => {
      await kill9();
      await rm(join(node.dir, 'mnesia'), { recursive: true, force: true });
      server = await boot(node, epmd);
    },
    stop: async () => {
      await kill9();
      await kill(epmd);
      await cleanUp(watchdog);
    },
  };
}

/** None of what is started keeps this process alive: it may leave its server to the watchdog. */
export function startEpmd(port: number): ChildProcess {
  const args = ['-address', '127.0.0.1', '-port', String(port)];
  const epmd = spawn('epmd', args, { stdio: 'ignore', detached: true });
  epmd.unref();
  return epmd;
}

/** Runs rabbitmqctl, rabbitmq-queues ... on the node and gives back what it printed. */
export async function runTool({ env }: Node, tool: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(BINARIES, tool), [...args], { env });
  return stdout;
}

interface Ports {
  readonly amqp: number;
  readonly management: number;
  readonly epmd: number;
  /** Where the other nodes of a cluster reach it. */
  readonly distribution: number;
}

export interface Node {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Ports;
}

/** Nodes that one process makes share the cookie; each has an epmd of its own. */
export async function prepare(): Promise<Node> {
  const dir = await mkdtemp(join(tmpdir(), 'crocevia-rabbit-'));
  const ports = {
    amqp: await freePort(),
    management: await freePort(),
    epmd: await freePort(),
    distribution: await freePort(),
  };
  await mkdir(join(dir, 'log'));
  await writeFile(join(dir, '.erlang.cookie'), `crocevia${process.pid}`, { mode: 0o400 });
  await writeFile(join(dir, 'enabled_plugins'), '[rabbitmq_management].\n');
  await writeFile(join(dir, 'advanced.config'), '[].\n');
  await writeFile(join(dir, 'rabbitmq.conf'), configuration(ports));
  return { dir, ports, env: environment(dir, ports) };
}

function configuration(ports: Ports): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'disk_free_limit.absolute = 50MB',
    'cluster_partition_handling = pause_minority',
    '',
  ].join('\n');
}

function environment(dir: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: dir,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `crocevia${ports.amqp}@localhost`,
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} -kernel net_ticktime 5 +sbwt none +sbwtdcpu none +sbwtdio none',
    // The start script then becomes the Erlang VM instead of its parent: one pid to end.
    RUNNING_UNDER_SYSTEMD: '1',
  };
}

export async function boot(node: Node, epmd: ChildProcess): Promise<ChildProcess> {
  const server = spawn(join(BINARIES, 'rabbitmq-server'), [], { env: node.env, stdio: 'ignore', detached: true });
  server.unref();
  await remember(node.dir, [epmd, server]);
  const end = Date.now() + BOOT_LIMIT_MS;
  while (!(await isUp(node.ports))) {
    if (server.exitCode !== null || Date.now() > end) throw new Error(`RabbitMQ did not start\n${await lastLog(node)}`);
    await pause(200);
  }
  return server;
}

async function isUp(ports: Ports): Promise<boolean> {
  const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
  const overview = await fetch(`http://127.0.0.1:${ports.management}/api/overview`, {
    headers: { authorization },
  }).catch(() => null);
  await overview?.body?.cancel();
  return overview?.status === 200 && (await speaksAmqp(ports.amqp));
}

/** AMQP 0-9-1 §4.2.2: the server answers the protocol header with a method frame (type 1) on channel 0. */
function speaksAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('AMQP\x00\x00\x09\x01', 'latin1'));
    const answer = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    socket.once('data', (data) => answer(data[0] === 1));
  });
}

async function lastLog(node: Node): Promise<string> {
  const file = join(node.dir, 'log', `${node.env.RABBITMQ_NODENAME}.log`);
  const text = await readFile(file, 'utf8').catch(() => 'no log was written');
  return text.slice(-4_000);
}

/** For the watchdog. Process groups are named, so that what a process has started ends with it. */
async function remember(dir: string, children: readonly ChildProcess[]): Promise<void> {
  await writeFile(join(dir, 'groups'), children.map((child) => `${child.pid}\n`).join(''));
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.ref();
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
