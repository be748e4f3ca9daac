import { connect } from 'node:net';
import { existsSync } from 'node:fs';
import { ConfigError, VARIABLES, readConfig, redact, type Config } from '../config.js';
import { RegistryError } from '../registry/registry.js';
import { createFileRegistry } from '../registry/file-registry.js';
import { call } from './client.js';

export interface Finding {
  readonly ok: boolean;
  readonly subject: string;
  readonly text: string;
}

/** Looks at every setting, at the registry and at what the gateway needs to reach; names all that is missing or wrong. */
export async function check(env: Readonly<Record<string, string | undefined>>): Promise<readonly Finding[]> {
  const config = tryConfig(env);
  if (config instanceof ConfigError) {
    return config.problems.map(({ name, message, hint }) => ({
      ok: false,
      subject: name,
      text: `${message}; ${hint}`,
    }));
  }
  return [
    ...settings(env),
    ...shapeOf(config),
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

function settings(env: Readonly<Record<string, string | undefined>>): readonly Finding[] {
  return Object.entries(VARIABLES).map(([name, meaning]) => {
    const value = env[name];
    const shown = value === undefined ? `not set (${meaning})` : /TOKEN/.test(name) ? '***' : redact(value);
    return { ok: true, subject: name, text: shown };
  });
}

function shapeOf({ databaseUrl, amqpUrls }: Config): readonly Finding[] {
  if (databaseUrl === null) {
    return [
      {
        ok: true,
        subject: 'shape',
        text: 'embedded: survives the kill of its process, NOT power loss (PGlite never fsyncs); set DATABASE_URL for more',
      },
    ];
  }
  if (amqpUrls.length === 0)
    return [{ ok: true, subject: 'shape', text: 'PostgreSQL with the in-process broker: one process only' }];
  return [{ ok: true, subject: 'shape', text: amqpUrls.length > 1 ? 'cluster' : 'standard' }];
}

function files({ tls }: Config): readonly Finding[] {
  const named = tls ? [tls.certFile, tls.keyFile, ...(tls.caFile ? [tls.caFile] : [])] : [];
  return named.map((file) => ({
    ok: existsSync(file),
    subject: 'TLS',
    text: existsSync(file) ? file : `${file} does not exist`,
  }));
}

async function registry({ registryDir, env }: Config): Promise<readonly Finding[]> {
  if (registryDir === null) return [{ ok: true, subject: 'registry', text: 'in the database' }];
  const source = createFileRegistry({ directory: registryDir, env });
  try {
    const loaded = await source.reload();
    const text = `${registryDir}: ${loaded.systems().length} systems, ${loaded.services().length} services, revision ${loaded.revision.slice(0, 12)}`;
    return [{ ok: true, subject: 'registry', text }];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return error.problems.map(({ file, line, message, hint }) => ({
      ok: false,
      subject: `${file}:${line}`,
      text: `${message}; ${hint}`,
    }));
  }
}

async function reach({ databaseUrl, amqpUrls, publicUrl }: Config): Promise<readonly Finding[]> {
  const servers = await Promise.all([...(databaseUrl ? [databaseUrl] : []), ...amqpUrls].map(reachable));
  const running = await call({ url: publicUrl }, 'GET', '/health/ready').catch(() => null);
  const text = running
    ? `${publicUrl} answers ${running.status}`
    : `not running at ${publicUrl}; start it once all is ok`;
  return [...servers, { ok: running === null || running.status === 200, subject: 'gateway', text }];
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
  return { ok: problem === null, subject: redact(address), text: problem ?? `${hostname}:${number} can be reached` };
}
