import { randomBytes } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import pg from 'pg';
import { http } from './client.js';
import { startPostgres } from './postgres.js';
import { startRabbit } from './rabbitmq.js';

/** Where the servers of this process are. */
interface Services {
  readonly postgres: string;
  readonly rabbit: string;
  readonly management: string;
}

/** A database and a virtual host that nobody else uses. */
export interface Place {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  readonly managementUrl: string;
  /** Drops both. */
  leave(): Promise<void>;
}

const KEY = 'crocevia-test-services';
let starting: Promise<Services> | undefined;

/**
 * One PostgreSQL and one RabbitMQ for every suite that this process runs and that does not stop them: they start with
 * the first that asks and end with the process. Each suite is loaded anew; only Node's own modules remember.
 */
function services(): Promise<Services> {
  const running = getEnvironmentData(KEY) as unknown as Services | undefined;
  if (running) return Promise.resolve(running);
  return (starting ??= start());
}

async function start(): Promise<Services> {
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  const started = { postgres: postgres.url, rabbit: rabbit.url, management: rabbit.managementUrl };
  setEnvironmentData(KEY, started);
  return started;
}

/** On the servers that this process shares. RabbitMQ's users are not of a virtual host: a grant is good for one suite. */
export async function ownPlace(): Promise<Place> {
  const { postgres, rabbit, management } = await services();
  const name = `suite_${randomBytes(6).toString('hex')}`;
  await Promise.all([query(postgres, `CREATE DATABASE ${name}`), vhost(management, name, 'PUT')]);
  return {
    databaseUrl: postgres.replace(/postgres$/, name),
    amqpUrl: `${rabbit}/${name}`,
    managementUrl: management,
    leave: async () =>
      void (await Promise.all([
        query(postgres, `DROP DATABASE ${name} WITH (FORCE)`),
        vhost(management, name, 'DELETE'),
      ])),
  };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

/** RabbitMQ gives the user that makes a virtual host every permission in it. */
async function vhost(managementUrl: string, name: string, method: 'PUT' | 'DELETE'): Promise<void> {
  const { origin, username, password } = new URL(managementUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const { status, text } = await http(`${origin}/api/vhosts/${name}`, { method, headers: { authorization } });
  if (status >= 300) throw new Error(`${method} of virtual host ${name}: ${status} ${text}`);
}
