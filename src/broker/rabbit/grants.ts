import { request } from 'undici';
import { Fault } from '../../message/fault.js';
import {
  amqpQueues,
  ANSWERS,
  askQueue,
  EXCHANGES,
  outQueue,
  replyQueue,
  SUBMISSIONS,
  type QueueSpec,
} from './topology.js';

export interface Grant {
  readonly system: string;
  readonly username: string;
  readonly password: string;
  /** Virtual host; `/` where it is not given. */
  readonly vhost?: string;
}

/**
 * Creates (or changes) the RabbitMQ user of a system and its queues through the management API. The user may publish
 * to the submissions and answers exchanges with its own system's routing keys only, read its own `out`, `reply` and
 * `ask` queues, and declare nothing. Throws Fault receiver-unreachable or receiver-refused (the management API did not take it).
 */
export async function grantSystem(managementUrl: string, grant: Grant): Promise<void> {
  const put = managementCall(managementUrl, 'PUT');
  const vhost = encodeURIComponent(grant.vhost ?? '/');
  const user = encodeURIComponent(grant.username);
  await put(`users/${user}`, { password: grant.password, tags: '' });
  await put(`permissions/${vhost}/${user}`, permissions(grant.system));
  for (const permission of topicPermissions(grant.system)) await put(`topic-permissions/${vhost}/${user}`, permission);
  await declareQueues(managementUrl, vhost, grant.system);
}

const WRITABLE = [SUBMISSIONS, ANSWERS];

/** Regular expressions over names of queues and exchanges (RabbitMQ, "Access Control"). */
function permissions(system: string) {
  const oneOf = (names: readonly string[]) => `^(${names.map(literally).join('|')})$`;
  const readable = [outQueue(system), replyQueue(system), askQueue(system).name];
  return { configure: '^$', write: oneOf(WRITABLE), read: oneOf(readable) };
}

/** Over routing keys, of a topic exchange only: the default exchange would let a user write to any queue. */
function topicPermissions(system: string) {
  return [
    { exchange: SUBMISSIONS, write: `^${literally(system)}$`, read: '^$' },
    { exchange: ANSWERS, write: `^${literally(system)}\\.[0-9a-f-]{36}$`, read: '^$' },
  ];
}

async function declareQueues(managementUrl: string, vhost: string, system: string): Promise<void> {
  const put = managementCall(managementUrl, 'PUT');
  for (const { name, type, options } of EXCHANGES.filter((exchange) => WRITABLE.includes(exchange.name))) {
    await put(`exchanges/${vhost}/${encodeURIComponent(name)}`, { type, durable: options.durable });
  }
  for (const queue of amqpQueues(system)) {
    await put(`queues/${vhost}/${encodeURIComponent(queue.name)}`, { durable: true, arguments: queue.arguments });
    await bindQueue(managementUrl, vhost, queue);
  }
}

async function bindQueue(managementUrl: string, vhost: string, queue: QueueSpec): Promise<void> {
  const post = managementCall(managementUrl, 'POST');
  for (const { exchange, key } of queue.bindings) {
    const path = `bindings/${vhost}/e/${encodeURIComponent(exchange)}/q/${encodeURIComponent(queue.name)}`;
    await post(path, { routing_key: key });
  }
}

function managementCall(managementUrl: string, method: 'PUT' | 'POST') {
  const { origin, pathname, username, password } = new URL(managementUrl);
  const account = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    authorization: `Basic ${Buffer.from(account).toString('base64')}`,
    'content-type': 'application/json',
  };
  const root = `${origin}${pathname.replace(/\/+$/, '')}/api`;
  return async (path: string, body: object): Promise<void> => {
    const url = `${root}/${path}`;
    const answer = await request(url, { method, headers, body: JSON.stringify(body) }).catch((cause: unknown) => {
      throw new Fault('receiver-unreachable', { detail: `RabbitMQ's management API at ${origin} is away.`, cause });
    });
    const reason = await answer.body.text();
    if (answer.statusCode < 300) return;
    const detail = `RabbitMQ's management API answered ${answer.statusCode} to ${method} ${path}.`;
    throw new Fault('receiver-refused', { detail, cause: reason });
  };
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
