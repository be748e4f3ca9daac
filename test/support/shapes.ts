import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './postgres.js';
import { startRabbit } from './rabbitmq.js';

/** What a gateway of one shape runs on. */
export interface Ground {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** PGlite and the in-process broker. */
export async function embedded(): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-data-'));
  return { env: { CROCEVIA_DATA_DIR: directory }, stop: () => rm(directory, { recursive: true, force: true }) };
}

/** PostgreSQL and RabbitMQ. */
export async function standard(): Promise<Ground> {
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  return {
    env: { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, AMQP_MANAGEMENT_URL: rabbit.managementUrl },
    stop: async () => void (await Promise.all([postgres.stop(), rabbit.stop()])),
  };
}

/** The same suite runs over each: embedded (PGlite, in-process) and standard (PostgreSQL, RabbitMQ). */
export const SHAPES = [
  ['embedded', embedded],
  ['standard', standard],
] as const;
