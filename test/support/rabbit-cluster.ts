import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { boot, kill, prepare, runTool, startEpmd, type Node } from './rabbitmq.js';
import { layLines, type Peer } from './rabbit-peers.js';
import { cleanUp, watch } from './watchdog.js';

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
  /** From now on this node and the others do not reach one another, and are not told; who connects to them reaches all. */
  part(node: number): void;
  /** Ends what `part` has begun, and waits as `whole` does. */
  heal(): Promise<void>;
  /** Resolves when all nodes that run see one another, and throws where they never do. */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the nodes and joins them; the first one alone, since it makes the tables that the others join. */
export async function startRabbitCluster(size = 3): Promise<RabbitCluster> {
  const nodes = await Promise.all(Array.from({ length: size }, () => prepare()));
  const [first, ...others] = nodes as [Node, ...Node[]];
  const watchdogs = nodes.map(({ dir }) => watch(dir));
  const epmds = nodes.map(({ ports }) => startEpmd(ports.epmd));
  const peers = await layLines(nodes.map(peerOf));
  const start = (at: number) => boot(nodes[at]!, epmds[at]!);
  const servers: ChildProcess[] = [await start(0)];
  servers.push(...(await Promise.all(others.map((_node, n) => start(n + 1)))));
  for (const node of others) await join(node, first);
  const group = (at: number) => -(servers[at]!.pid as number);
  const whole = () => seeOneAnother(nodes.filter((_node, at) => isUp(servers[at]!)));
  return {
    urls: nodes.map(({ ports }) => `amqp://guest:guest@127.0.0.1:${ports.amqp}`),
    managementUrls: nodes.map(({ ports }) => `http://guest:guest@127.0.0.1:${ports.management}`),
    leader: async (queue, vhost = '/') => leaderOf(queue, vhost, nodes[servers.findIndex(isUp)]!, nodes),
    running: () => servers.flatMap((server, at) => (isUp(server) ? [at] : [])),
    ctl: async (at, ...args) => {
      // A node that pauses has no broker to give an order to.
      await whole();
      return runTool(nodes[at]!, 'rabbitmqctl', ['-q', ...args]);
    },
    kill9: (at) => kill(servers[at]!),
    restart: async (...places) => {
      await Promise.all(places.map(async (at) => (servers[at] = await startAsService(() => start(at)))));
    },
    signal: (at, signal) => void process.kill(group(at), signal),
    part: peers.part,
    heal: async () => {
      peers.heal();
      await whole();
    },
    whole,
    stop: async () => {
      await Promise.all(servers.map(kill));
      await Promise.all(epmds.map(kill));
      await peers.stop();
      await Promise.all(watchdogs.map(cleanUp));
    },
  };
}

/**
 * Nodes that start at once sometimes end: RabbitMQ 3.10 asks a peer for its feature flags before that knows them (`incompatible_feature_flags`).
 * Debian's unit starts such a node again (`Restart=on-failure`).
 */
const startAsService = (start: () => Promise<ChildProcess>) =>
  start().catch((error: Error) => {
    if (!error.message.includes('incompatible_feature_flags')) throw error;
    return start();
  });

const isUp = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

const nameOf = ({ env }: Node) => String(env['RABBITMQ_NODENAME']);

/** A node in a minority pauses, and needs some seconds to go on; on a host that has more to do than it can, minutes. */
const WHOLE_MS = 300_000;

async function seeOneAnother(nodes: readonly Node[]): Promise<void> {
  for (const end = Date.now() + WHOLE_MS; ; await pause(500)) {
    const seen = await Promise.all(nodes.map((node) => seesPeers(node, nodes.length)));
    if (seen.every(Boolean)) return;
    if (Date.now() > end) throw new Error(`RabbitMQ nodes do not see one another: ${seen.join(', ')}`);
  }
}

async function seesPeers(node: Node, count: number): Promise<boolean> {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
  const answer = await fetch(`http://127.0.0.1:${node.ports.management}/api/nodes`, {
    headers,
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
  const seen = answer?.ok ? ((await answer.json()) as { running: boolean; partitions?: readonly string[] }[]) : [];
  return seen.filter(({ running, partitions = [] }) => running && partitions.length === 0).length === count;
}

async function join(node: Node, first: Node): Promise<void> {
  for (const args of [['stop_app'], ['join_cluster', nameOf(first)], ['start_app']])
    await runTool(node, 'rabbitmqctl', ['-q', ...args]);
}

const peerOf = (node: Node): Peer => ({
  name: nameOf(node).split('@')[0]!,
  epmdPort: node.ports.epmd,
  distributionPort: node.ports.distribution,
});

/** What a tool lists, the other nodes would send to it; they do not find it, since it is entered in the epmd of one node. */
async function leaderOf(queue: string, vhost: string, asked: Node, nodes: readonly Node[]): Promise<number> {
  const found = `rabbit_amqqueue:lookup(rabbit_misc:r(<<"${vhost}">>, queue, <<"${queue}">>))`;
  const told = await runTool(asked, 'rabbitmqctl', [
    '-q',
    'eval',
    `case ${found} of {ok, Q} -> rabbit_amqqueue:info(Q, [leader]); _ -> none end.`,
  ]);
  return nodes.findIndex((node) => told.includes(nameOf(node)));
}
