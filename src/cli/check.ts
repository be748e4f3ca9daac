import { connect } from 'node:net';
import { readSettings, type Config } from '../config.js';
import { redact, type ConfigProblem } from '../config-reading.js';
import { VARIABLES } from '../config-variables.js';
import { databaseUrls } from '../database-url.js';
import { RegistryError } from '../registry/registry.js';
import { createFileRegistry } from '../registry/file-registry.js';
import { inspectShape, type Finding } from '../shape.js';
import { addressesOf, endpointFindings, storedRegistryFindings } from '../endpoints.js';
import { masterKeyFindings, readableFindings } from './check-secrets.js';
import { tlsFindings } from './check-tls.js';
import { call, UntrustedGateway, type Answer } from './client.js';

/** Looks at every setting, at the registry and at what the gateway needs to reach; names all that is missing or wrong. */
export async function check(env: Readonly<Record<string, string | undefined>>): Promise<readonly Finding[]> {
  const { config: read, problems } = readSettings(env);
  const wrong = new Set(problems.map(({ name }) => name));
  const config = withoutWrong(read, wrong);
  return [
    ...problems.map(({ name, message, hint }: ConfigProblem) => ({
      level: 'wrong' as const,
      subject: name,
      text: `${message}; ${hint}`,
    })),
    ...settings(env).filter(({ subject }) => !wrong.has(subject)),
    ...(await inspectShape(config)),
    ...masterKeyFindings(config, env),
    ...tlsFindings(config, new Date()),
    ...clientSecretFindings(config),
    ...(await registry(config)),
    ...(await reach(config)),
  ];
}

/** Addresses that cannot be read are asked for nothing, and what half of TLS is set is not looked at. */
function withoutWrong(config: Config, wrong: ReadonlySet<string>): Config {
  const tls = config.tls?.certFile && config.tls.keyFile ? config.tls : null;
  return {
    ...config,
    tls,
    ...(wrong.has('DATABASE_URL') && { databaseUrl: null }),
    ...(wrong.has('AMQP_URL') && { amqpUrls: [] }),
    ...(wrong.has('AMQP_MANAGEMENT_URL') && { amqpManagementUrl: null }),
  };
}

const levelOf = (isOk: boolean): Finding['level'] => (isOk ? 'ok' : 'wrong');

function settings(env: Readonly<Record<string, string | undefined>>): readonly Finding[] {
  return Object.entries(VARIABLES).map(([name, meaning]) => {
    const value = env[name];
    const shown = value === undefined ? `not set (${meaning})` : /TOKEN|_KEY$/.test(name) ? '***' : redact(value);
    return { level: 'ok' as const, subject: name, text: shown };
  });
}

function clientSecretFindings({ oidc }: Config): readonly Finding[] {
  const files = [oidc?.secretFile, oidc?.keyFile].flatMap((file) => file ?? []);
  return files.flatMap((file) => readableFindings('secret-file-readable', 'OpenID Connect', file));
}

async function registry(config: Config): Promise<readonly Finding[]> {
  const { registryDir, env, allowedNetworks } = config;
  if (registryDir === null) return config.databaseUrl === null ? [] : storedRegistryFindings(config);
  const source = createFileRegistry({ directory: registryDir, env });
  try {
    const loaded = await source.reload();
    const text = `${registryDir}: ${loaded.systems().length} systems, ${loaded.services().length} services, revision ${loaded.revision.slice(0, 12)}`;
    const addresses = loaded.systems().flatMap(addressesOf);
    return [
      { level: 'ok' as const, subject: 'registry', text },
      ...(await endpointFindings(addresses, allowedNetworks)),
    ];
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
  const running = await call({ url: publicUrl }, 'GET', '/health/ready').catch((error: unknown) => error);
  return [...servers, gatewayFinding(publicUrl, running)];
}

function gatewayFinding(url: string, running: unknown): Finding {
  const subject = 'gateway';
  if (running instanceof UntrustedGateway)
    return {
      level: 'warning',
      code: 'gateway-untrusted',
      subject,
      text: `${url} runs, but its certificate is not trusted here (${running.reason})`,
      expected: UntrustedGateway.WAY_OUT,
    };
  if (running instanceof Error) return { level: 'ok', subject, text: `not running at ${url}; start it once all is ok` };
  const { status } = running as Answer;
  return { level: levelOf(status === 200), subject, text: `${url} answers ${status}` };
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
