import { rm } from 'node:fs/promises';
import { dataDirectory } from './data-directory.js';
import { startPostgres, type PrivatePostgres } from './postgres.js';
import { startRabbit, type Rabbit } from './rabbitmq.js';
import { ownPlace } from './services.js';

/** What a gateway of one shape runs on. */
export interface Ground {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** PGlite and the in-process broker. */
export async function embedded(): Promise<Ground> {
  const directory = await dataDirectory();
  return { env: { CROCEVIA_DATA_DIR: directory }, stop: () => rm(directory, { recursive: true, force: true }) };
}

/** PostgreSQL and RabbitMQ, which other suites use too: a suite that stops them takes {@link ownServers}. */
export async function standard(): Promise<Ground> {
  const { databaseUrl, amqpUrl, managementUrl, leave } = await ownPlace();
  return { env: { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl, AMQP_MANAGEMENT_URL: managementUrl }, stop: leave };
}

/** The same on servers of the suite's own. */
export async function ownServers(): Promise<Ground & { readonly postgres: PrivatePostgres; readonly rabbit: Rabbit }> {
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  return {
    postgres,
    rabbit,
    env: { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, AMQP_MANAGEMENT_URL: rabbit.managementUrl },
    stop: async () => void (await Promise.all([postgres.stop(), rabbit.stop()])),
  };
}

/** The same suite runs over each: embedded (PGlite, in-process) and standard (PostgreSQL, RabbitMQ). */
export const SHAPES = [
  ['embedded', embedded],
  ['standard', standard],
] as const;
