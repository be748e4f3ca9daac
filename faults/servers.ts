import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { startPostgresPair, type PostgresPair } from '../test/support/postgres-pair.js';
import { startLine, type Line } from '../test/support/proxy.js';
import { ALL_NODES, type NodeName } from './nodes.js';
import { startRabbitCluster, type RabbitCluster } from '../test/support/rabbit-cluster.js';

/** A database and a virtual host of one run, reached over lines that can break. */
export interface Place {
  readonly name: string;
  databaseUrl(node: NodeName): string;
  amqpUrls(node: NodeName): readonly string[];
}

/** From one process of Crocevia to each server. */
export interface Lines {
  readonly database: readonly Line[];
  readonly amqp: readonly Line[];
}

/** The servers under the gateways: their faults are those of a machine, of a process or of the network between. */
export interface Servers {
  readonly pair: PostgresPair;
  readonly rabbit: RabbitCluster;
  readonly lines: ReadonlyMap<NodeName, Lines>;
  everyLine(): readonly Line[];
  newPlace(): Promise<Place>;
  /** The management API of RabbitMQ, at a node that runs. */
  manage<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<T | null>;
  stop(): Promise<void>;
}

/** Of each PostgreSQL, where its disk is to be filled: a million messages need less. */
const VOLUME_MEGABYTES = 16_384;

export async function startServers(rabbitNodes: number, hasVolumes: boolean): Promise<Servers> {
  const [pair, rabbit] = await Promise.all([
    startPostgresPair(hasVolumes ? VOLUME_MEGABYTES : 0),
    startRabbitCluster(rabbitNodes),
  ]);
  const databases = [pair.primaryUrl(), pair.standbyUrl()];
  const lines = new Map<NodeName, Lines>();
  for (const node of ALL_NODES) {
    const database = await Promise.all(databases.map(lineTo));
    lines.set(node, { database, amqp: await Promise.all(rabbit.urls.map(lineTo)) });
  }
  const everyLine = () => [...lines.values()].flatMap(({ database, amqp }) => [...database, ...amqp]);
  const manage: Servers['manage'] = async (method, path, body) => {
    const { origin, username, password } = new URL(rabbit.managementUrls[rabbit.running()[0] ?? 0]!);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await request(`${origin}/api/${path}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`RabbitMQ answers ${answer.statusCode} to ${method} ${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  return {
    pair,
    rabbit,
    lines,
    everyLine,
    manage,
    newPlace: async () => {
      const name = `run_${randomBytes(4).toString('hex')}`;
      await pair.atPrimary(`CREATE DATABASE ${name}`);
      await manage('PUT', `vhosts/${name}`, {});
      const hosts = (node: NodeName) => lines.get(node)!.database.map(({ port }) => `127.0.0.1:${port}`);
      return {
        name,
        databaseUrl: (node) => `postgres://crocevia@${hosts(node).join(',')}/${name}?target_session_attrs=read-write`,
        amqpUrls: (node) => lines.get(node)!.amqp.map(({ port }) => `amqp://guest:guest@127.0.0.1:${port}/${name}`),
      };
    },
    stop: async () => {
      await Promise.all(everyLine().map((line) => line.stop()));
      await Promise.all([pair.stop(), rabbit.stop()]);
    },
  };
}

const lineTo = (url: string) => startLine(Number(new URL(url).port));
