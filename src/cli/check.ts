import { connect } from 'node:net';
import { existsSync } from 'node:fs';
import { ConfigError, readConfig, type Config } from '../config.js';
import { redact } from '../config-reading.js';
import { VARIABLES } from '../config-variables.js';
import { databaseUrls } from '../database-url.js';
import { RegistryError } from '../registry/registry.js';
import { createFileRegistry } from '../registry/file-registry.js';
import { inspectShape, type Finding } from '../shape.js';
import { call } from './client.js';

/** Looks at every setting, at the registry and at what the gateway needs to reach; names all that is missing or wrong. */
export async function check(env: Readonly<Record<string, string | undefined>>): Promise<readonly Finding[]> {
  const config = tryConfig(env);
  if (config instanceof ConfigError) {
    return config.problems.map(({ name, message, hint }) => ({
      level: 'wrong' as const,
      subject: name,
      text: `${message}; ${hint}`,
    }));
  }
  return [
    ...settings(env),
    ...(await inspectShape(config)),
    ...files(config),
    ...(await registry(config)),
    ...(await reach(config)),
  ];
}

function tryConfig(env: Readonly<Record<string, string | undefined>>): Config | ConfigError {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

const levelOf = (isOk: boolean): Finding['level'] => (isOk ? 'ok' : 'wrong');

function settings(env: Readonly<Record<string, string | undefined>>): readonly Finding[] {
  return Object.entries(VARIABLES).map(([name, meaning]) => {
    const value = env[name];
    const shown = value === undefined ? `not set (${meaning})` : /TOKEN|_KEY$/.test(name) ? '***' : redact(value);
    return { level: 'ok' as const, subject: name, text: shown };
  });
}

function files({ tls }: Config): readonly Finding[] {
  const named = tls ? [tls.certFile, tls.keyFile, ...(tls.caFile ? [tls.caFile] : [])] : [];
  return named.map((file) => ({
    level: levelOf(existsSync(file)),
    subject: 'TLS',
    text: existsSync(file) ? file : `${file} does not exist`,
  }));
}

async function registry({ registryDir, env }: Config): Promise<readonly Finding[]> {
  if (registryDir === null) return [{ level: 'ok' as const, subject: 'registry', text: 'in the database' }];
  const source = createFileRegistry({ directory: registryDir, env });
  try {
    const loaded = await source.reload();
    const text = `${registryDir}: ${loaded.systems().length} systems, ${loaded.services().length} services, revision ${loaded.revision.slice(0, 12)}`;
    return [{ level: 'ok' as const, subject: 'registry', text }];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return error.problems.map(({ file, line, message, hint }) => ({
      level: 'wrong' as const,
      subject: `${file}:${line}`,
      text: `${message}; ${hint}`,
    }));
  }
}

async function reach({ databaseUrl, amqpUrls, publicUrl }: Config): Promise<readonly Finding[]> {
  const servers = await Promise.all([...(databaseUrl ? databaseUrls(databaseUrl) : []), ...amqpUrls].map(reachable));
  const running = await call({ url: publicUrl }, 'GET', '/health/ready').catch(() => null);
  const text = running
    ? `${publicUrl} answers ${running.status}`
    : `not running at ${publicUrl}; start it once all is ok`;
  return [...servers, { level: levelOf(running === null || running.status === 200), subject: 'gateway', text }];
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'amqp:': 5672,
  'amqps:': 5671,
};

async function reachable(address: string): Promise<Finding> {
  const { hostname, port, protocol } = new URL(address);
  const number = Number(port) || (DEFAULT_PORTS[protocol] ?? 0);
  const problem = await new Promise<string | null>((resolve) => {
    const socket = connect({ host: hostname, port: number, timeout: 3_000 });
    const end = (outcome: string | null) => (socket.destroy(), resolve(outcome));
    socket
      .once('connect', () => end(null))
      .once('timeout', () => end('no answer in 3 s'))
      .once('error', (error) => end(error.message));
  });
  return {
    level: levelOf(problem === null),
    subject: redact(address),
    text: problem ?? `${hostname}:${number} can be reached`,
  };
}
