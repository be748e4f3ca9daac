import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { boot, kill, prepare, runTool, startEpmd, type Node } from './rabbitmq.js';
import { watch } from './watchdog.js';

/** A RabbitMQ cluster on this host, of three nodes where it is not told otherwise; they are named by their place, from 0. */
export interface RabbitCluster {
  /** amqp://guest:guest@127.0.0.1:port of each node. */
  readonly urls: readonly string[];
  /** http://guest:guest@127.0.0.1:port of each node. */
  readonly managementUrls: readonly string[];
  /** The node that leads a quorum queue; asks a node that runs. */
  leader(queue: string, vhost?: string): Promise<number>;
  /** Nodes that run. */
  running(): readonly number[];
  ctl(node: number, ...args: string[]): Promise<string>;
  kill9(node: number): Promise<void>;
  /** Starts killed nodes again with what they had on disk. */
  restart(...nodes: readonly number[]): Promise<void>;
  signal(node: number, signal: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** Starts the nodes and joins them; the first one alone, since it makes the tables that the others join. */
export async function startRabbitCluster(size = 3): Promise<RabbitCluster> {
  const first = await prepare();
  const { epmd: epmdPort } = first.ports;
  const nodes = [first, ...(await Promise.all(Array.from({ length: size - 1 }, () => prepare(epmdPort))))];
  const watchdogs = nodes.map(({ dir }) => watch(dir));
  const epmd = startEpmd(epmdPort);
  const servers: ChildProcess[] = [await boot(first, epmd)];
  servers.push(...(await Promise.all(nodes.slice(1).map((node) => boot(node, epmd)))));
  for (const node of nodes.slice(1)) await join(node, first);
  const group = (at: number) => -(servers[at]!.pid as number);
  return {
    urls: nodes.map(({ ports }) => `amqp://guest:guest@127.0.0.1:${ports.amqp}`),
    managementUrls: nodes.map(({ ports }) => `http://guest:guest@127.0.0.1:${ports.management}`),
    leader: async (queue, vhost = '/') => leaderOf(queue, vhost, nodes[servers.findIndex(isUp)]!, nodes),
    running: () => servers.flatMap((server, at) => (isUp(server) ? [at] : [])),
    ctl: (at, ...args) => runTool(nodes[at]!, 'rabbitmqctl', ['-q', ...args]),
    kill9: (at) => kill(servers[at]!),
    restart: async (...places) => {
      await Promise.all(places.map(async (at) => (servers[at] = await boot(nodes[at]!, epmd))));
    },
    signal: (at, signal) => void process.kill(group(at), signal),
    stop: async () => {
      await Promise.all(servers.map(kill));
      await kill(epmd);
      for (const watchdog of watchdogs) watchdog.stdin?.end();
      await Promise.all(watchdogs.map((watchdog) => once(watchdog, 'exit')));
    },
  };
}

const isUp = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

const nameOf = ({ env }: Node) => String(env['RABBITMQ_NODENAME']);

async function join(node: Node, first: Node): Promise<void> {
  for (const args of [['stop_app'], ['join_cluster', nameOf(first)], ['start_app']])
    await runTool(node, 'rabbitmqctl', ['-q', ...args]);
}

async function leaderOf(queue: string, vhost: string, asked: Node, nodes: readonly Node[]): Promise<number> {
  const told = await runTool(asked, 'rabbitmqctl', [
    '-q',
    'list_queues',
    '-p',
    vhost,
    'name',
    'leader',
    '--no-table-headers',
  ]);
  const line = told.split('\n').find((text) => text.startsWith(`${queue}\t`));
  return nodes.findIndex((node) => nameOf(node) === line?.split('\t')[1]?.trim());
}
