/** What the query benches run on: a provider, the bare pipeline, and the gateway in both its shapes, started once. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../test/support/postgres.js';
import { startRabbit } from '../test/support/rabbitmq.js';
import { load, type Load } from './load.js';
import { actionOf, SOAP_QUESTION } from './message.js';
import { anyPort, gatewayScript, script, start, startGateway, stop as stopOne, stopAll } from './processes.js';
import { PROVIDERS, writeQueryBenchRegistry } from './query-registry.js';
import { BENCH_API_KEY } from './registry.js';

/** Addresses that take the question of the bench. */
export interface Addresses {
  /** Answers 202 and nothing else. */
  readonly echo: string;
  /** The provider itself. */
  readonly direct: string;
  readonly bare: string;
  /** The gateway with the in-process broker, asked for the sound provider. */
  readonly inProcess: string;
  /** The gateway on RabbitMQ and PostgreSQL, asked for each provider. */
  readonly gateway: Readonly<Record<keyof typeof PROVIDERS, string>>;
  /** The processes behind two of these addresses. */
  readonly processes: { readonly bare: readonly ChildProcess[]; gateway: readonly ChildProcess[] };
}

export interface Stage {
  readonly at: Addresses;
  /** Ends the gateway with the in-process broker: also one that rests makes noise on a small machine. */
  endInProcess(): Promise<void>;
  /** The gateway at `at.gateway` becomes two processes. */
  split(): Promise<void>;
  stop(): Promise<void>;
}

const asked = (port: string, provider: string) => `http://127.0.0.1:${port}/soap/${provider}/v1/Bench`;

export async function setStage(): Promise<Stage> {
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  const data = await mkdtemp(join(tmpdir(), 'crocevia-bench-'));
  const removed = [data];
  const stop = async () => {
    stopAll();
    await Promise.all([postgres.stop(), rabbit.stop()]);
    await Promise.all(removed.map((place) => rm(place, { recursive: true, force: true })));
  };
  try {
    const port = { echo: await anyPort(), provider: await anyPort(), bare: await anyPort(), refusing: await anyPort() };
    const direct = `http://127.0.0.1:${port.provider}/`;
    const urls = {
      sound: direct,
      unwritten: direct,
      strict: direct,
      refusing: `http://127.0.0.1:${port.refusing}/`,
      silent: `${direct}silent`,
    };
    const registry = await writeQueryBenchRegistry(urls);
    removed.push(registry);
    const [single, standard] = [await anyPort(), await anyPort()];
    const env = { CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_LOG_LEVEL: 'error', CROCEVIA_RATE_PER_MINUTE: '10000000' };
    const shared = { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url };
    await start(script('provider'), { PORT: port.provider });
    await start(script('bare'), { PORT: port.echo, MODE: 'echo' });
    const bare = await start(script('bare-query'), { PORT: port.bare, AMQP_URL: rabbit.url, PROVIDER_URL: direct });
    const embedded = await start(gatewayScript, { ...env, CROCEVIA_PORT: single, CROCEVIA_DATA_DIR: data });
    const gateway = await startGateway('one process', standard, { ...env, ...shared });
    const at: Addresses = {
      echo: `http://127.0.0.1:${port.echo}/`,
      direct,
      bare: `http://127.0.0.1:${port.bare}/`,
      inProcess: asked(single, PROVIDERS.sound),
      gateway: {
        sound: asked(standard, PROVIDERS.sound),
        unwritten: asked(standard, PROVIDERS.unwritten),
        strict: asked(standard, PROVIDERS.strict),
        refusing: asked(standard, PROVIDERS.refusing),
        silent: asked(standard, PROVIDERS.silent),
      },
      processes: { bare: [bare], gateway },
    };
    const split = async () => {
      await Promise.all(at.processes.gateway.map(stopOne));
      at.processes.gateway = await startGateway('two processes', standard, { ...env, ...shared });
    };
    return { at, endInProcess: () => stopOne(embedded), split, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Puts the question over so many connections, one after the other on each. Throws where more than one in a hundred is not
 * answered.
 */
export async function askAll(target: string, connections: number, seconds: number): Promise<Load> {
  const done = await attempted(target, connections, seconds);
  const told = `${done.refused} of ${done.accepted + done.refused} refused at ${target}`;
  if (done.refused * 99 > done.accepted) throw new Error(told);
  if (done.refused > 0) console.log(`  ${told}`);
  return done;
}

/** Not counted: a gateway runs for years, and its code is slow until it has been through some thousand questions. */
export const warmUp = (target: string, seconds: number) => attempted(target, 32, seconds);

const attempted = (target: string, connections: number, seconds: number) =>
  load(target, {
    ...{ connections, seconds },
    apiKey: BENCH_API_KEY,
    message: SOAP_QUESTION,
    soapAction: actionOf('interroga'),
  });
