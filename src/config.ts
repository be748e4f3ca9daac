import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { databaseUrls } from './database-url.js';
import { readMasterKeys, type MasterKey } from './secrets/master-keys.js';
import { isNetwork } from './outbound/networks.js';
import type { OidcConfig } from './login/oidc.js';
import { readAlerts, type AlertConfig } from './alert-config.js';
import { readOidc } from './oidc-config.js';
import type { PayloadPlace } from './payloads/open-payloads.js';
import { isUrl, Reading, redact, type ConfigProblem, type Environment } from './config-reading.js';
import { ROLES, settingsIn, VARIABLES, type Role } from './config-variables.js';

/** Everything that the environment decides, read once. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** What senders see in WSDL, Location and receipts; no trailing slash. */
  readonly publicUrl: string;
  /** May name several hosts, as libpq writes them. Null: PGlite in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Empty: the in-process broker. */
  readonly amqpUrls: readonly string[];
  readonly amqpManagementUrl: string | null;
  /** OpenTelemetry collector that takes spans as OTLP over HTTP; null: none are made. */
  readonly otlpEndpoint: string | null;
  readonly dataDir: string;
  /** Networks and addresses that are not public and may be connected to, because a registered address leads there. */
  readonly allowedNetworks: readonly string[];
  /** Networks and addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly alerts: AlertConfig;
  /** Where contents lie that are too large to be held. */
  readonly payloads: PayloadPlace;
  /** Directory of documents that is applied on start and on change; null: the database alone says. */
  readonly registryDir: string | null;
  readonly roles: readonly Role[];
  /** Names this process in leases and in the history. */
  readonly owner: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Bearer token of the operator `platform`; null: only operators of the registry. */
  readonly adminToken: string | null;
  /** The first one seals; empty: none is configured. */
  readonly masterKeys: readonly MasterKey[];
  /** True where a job waits until another operator has approved it. */
  readonly fourEyes: boolean;
  /** An issuer of OpenID Connect by which operators log in. */
  readonly oidc: OidcConfig | null;
  /** Days after acceptance for which contents and records are kept, where no agreement says otherwise. */
  readonly contentDays: number;
  readonly recordDays: number;
  readonly tls: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly caFile: string | null;
    readonly revocation: Revocation;
  } | null;
  /** Bytes; the upper bound over every service's own limit. */
  readonly maxRequestBytes: number;
  /** Requests a minute of a system whose document does not say. */
  readonly ratePerMinute: number;
  /** Milliseconds for a whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** The environment that registry documents may quote as `env:NAME`: without the gateway's own settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that are set, for operators: null stands for a value that is nobody's business. */
  readonly settings: Readonly<Record<string, string | null>>;
}

/** How a revoked client certificate is known, and what happens where nobody can say. */
export type Revocation =
  | { readonly kind: 'off' }
  | { readonly kind: 'crl'; readonly file: string; readonly whenUnknown: 'refuse' | 'accept' }
  | { readonly kind: 'ocsp'; readonly url: string; readonly whenUnknown: 'refuse' | 'accept' };

export class ConfigError extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.name}: ${p.message}; ${p.hint}`).join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads the environment into a frozen Config; throws ConfigError naming every missing, wrong or unknown variable. */
export function readConfig(env: Environment): Config {
  const { config, problems } = readSettings(env);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What is wrong with the environment, and a Config of the rest of it: fit to be looked at, not to be run. */
export function readSettings(env: Environment): {
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
} {
  const reading = new Reading(env);
  refuseUnknown(env, reading);
  const config = { ...readPlaces(reading), ...readDoor(reading), env: withoutSettings(env), settings: settingsIn(env) };
  refuseContradictions(config, reading);
  return { config: Object.freeze(config), problems: reading.problems };
}

/** The gateway's own settings hold its passwords, which no document needs. */
const withoutSettings = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !(name in VARIABLES)));

function refuseUnknown(env: Environment, reading: Reading): void {
  for (const name of Object.keys(env)) {
    if (name.startsWith('CROCEVIA_') && !(name in VARIABLES)) reading.refuse(name, 'is not a variable of this gateway');
  }
}

function readPlaces(reading: Reading) {
  const amqp =
    reading
      .text('AMQP_URL')
      ?.split(',')
      .map((url) => url.trim()) ?? [];
  for (const url of amqp)
    if (!isUrl(url, ['amqp', 'amqps'])) reading.refuse('AMQP_URL', `"${redact(url)}" is no amqp address`);
  return {
    databaseUrl: readDatabaseUrl(reading),
    amqpUrls: amqp,
    amqpManagementUrl: reading.url('AMQP_MANAGEMENT_URL', ['http', 'https']),
    otlpEndpoint: reading.url('OTEL_EXPORTER_OTLP_ENDPOINT', ['http', 'https']),
    payloads: readPayloads(reading),
    alerts: readAlerts(reading),
    dataDir: resolve(reading.text('CROCEVIA_DATA_DIR') ?? 'data'),
    registryDir: readRegistryDir(reading),
    allowedNetworks: readAllowedNetworks(reading),
    roles: readRoles(reading),
    owner: reading.text('CROCEVIA_NODE') ?? `${hostname()}-${process.pid}`,
    logLevel: reading.choice('CROCEVIA_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    adminToken: readAdminToken(reading),
    masterKeys: readKeys(reading),
    oidc: readOidc(reading),
    fourEyes: reading.choice('CROCEVIA_FOUR_EYES', ['none', 'jobs'], 'none') === 'jobs',
    ...readRetention(reading),
  };
}

function readRetention(reading: Reading) {
  const contentDays = reading.whole('CROCEVIA_CONTENT_DAYS', 90, 1, 36_500);
  const recordDays = reading.whole('CROCEVIA_RECORD_DAYS', Math.max(730, contentDays), 1, 36_500);
  if (recordDays < contentDays)
    reading.refuse('CROCEVIA_RECORD_DAYS', `is less than the ${contentDays} of CROCEVIA_CONTENT_DAYS`);
  return { contentDays, recordDays };
}

function readDatabaseUrl(reading: Reading): string | null {
  const text = reading.text('DATABASE_URL');
  try {
    if (text !== null) databaseUrls(text);
  } catch (error) {
    reading.refuse('DATABASE_URL', `"${redact(text ?? '')}" is no postgres address: ${(error as Error).message}`);
  }
  return text;
}

/** Examples are for a first look only: with a database of its own the gateway begins empty. */
function readRegistryDir(reading: Reading): string | null {
  const fallback = reading.text('DATABASE_URL') === null ? 'examples/registry' : null;
  const directory = reading.text('CROCEVIA_REGISTRY_DIR') ?? fallback;
  return directory === null ? null : resolve(directory);
}

/** The examples are called on this machine; with a database of its own the gateway calls no private address unasked. */
function readAllowedNetworks(reading: Reading): readonly string[] {
  const fallback = reading.text('DATABASE_URL') === null ? '127.0.0.0/8,::1' : 'none';
  return readNetworks('CROCEVIA_ALLOWED_NETWORKS', fallback, reading);
}

function readNetworks(
  name: 'CROCEVIA_ALLOWED_NETWORKS' | 'CROCEVIA_TRUSTED_PROXIES',
  fallback: string,
  reading: Reading,
): readonly string[] {
  const text = reading.text(name) ?? fallback;
  const networks = text === 'none' ? [] : text.split(',').map((network) => network.trim());
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong !== undefined) reading.refuse(name, `"${wrong}" is no network or address`);
  return networks.filter(isNetwork);
}

function readPayloads(reading: Reading): PayloadPlace {
  const text = reading.text('CROCEVIA_PAYLOADS') ?? 'database';
  const [, directory] = /^directory:(.+)$/.exec(text) ?? [];
  if (directory !== undefined) return { kind: 'directory', directory: resolve(directory) };
  if (isUrl(text, ['s3', 's3+http'])) {
    const { username, password, host, pathname } = new URL(text);
    if (username && password && host && pathname.length > 1) return { kind: 's3', address: text };
  }
  if (text !== 'database')
    reading.refuse(
      'CROCEVIA_PAYLOADS',
      `"${redact(text)}" is no database, directory:PATH or s3 address with key and bucket`,
    );
  return { kind: 'database' };
}

function readRoles(reading: Reading): readonly Role[] {
  const text = reading.text('CROCEVIA_ROLES');
  if (text === null) return ROLES;
  const roles = text.split(',').map((role) => role.trim());
  const wrong = roles.find((role) => !ROLES.includes(role as Role));
  if (wrong !== undefined) reading.refuse('CROCEVIA_ROLES', `"${wrong}" is no role`);
  return roles as Role[];
}

function readAdminToken(reading: Reading): string | null {
  const token = reading.text('CROCEVIA_ADMIN_TOKEN');
  if (token !== null && token.length < 16) reading.refuse('CROCEVIA_ADMIN_TOKEN', 'is shorter than 16 characters');
  return token;
}

function readKeys(reading: Reading): readonly MasterKey[] {
  const file = reading.text('CROCEVIA_MASTER_KEY_FILE');
  const inline = reading.text('CROCEVIA_MASTER_KEY');
  const name = file === null ? 'CROCEVIA_MASTER_KEY' : 'CROCEVIA_MASTER_KEY_FILE';
  if (file !== null && inline !== null) reading.refuse(name, 'is set beside CROCEVIA_MASTER_KEY: one of them');
  try {
    const text = file === null ? inline : readFileSync(file, 'utf8');
    return text === null ? [] : readMasterKeys(text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    reading.refuse(name, code ? `"${file}" cannot be read (${code})` : message);
    return [];
  }
}

function readDoor(reading: Reading) {
  const port = reading.whole('CROCEVIA_PORT', 8080, 0, 65535);
  const tls = readTls(reading);
  const publicUrl = reading.url('PUBLIC_URL', ['http', 'https']) ?? `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    host: reading.text('CROCEVIA_HOST') ?? '127.0.0.1',
    port,
    trustedProxies: readNetworks('CROCEVIA_TRUSTED_PROXIES', 'none', reading),
    tls,
    publicUrl: publicUrl.replace(/\/+$/, ''),
    maxRequestBytes: reading.whole('CROCEVIA_MAX_REQUEST_BYTES', 20 * 1024 * 1024, 1024, 1024 ** 3),
    ratePerMinute: reading.whole('CROCEVIA_RATE_PER_MINUTE', 60_000, 1, 10_000_000),
    requestTimeoutMs: reading.whole('CROCEVIA_REQUEST_TIMEOUT_MS', 30_000, 100, 3_600_000),
  };
}

function readTls(reading: Reading): Config['tls'] {
  const certFile = reading.text('CROCEVIA_TLS_CERT_FILE');
  const keyFile = reading.text('CROCEVIA_TLS_KEY_FILE');
  if (certFile === null && keyFile === null) return null;
  if (certFile === null) reading.refuse('CROCEVIA_TLS_CERT_FILE', 'is missing beside CROCEVIA_TLS_KEY_FILE');
  if (keyFile === null) reading.refuse('CROCEVIA_TLS_KEY_FILE', 'is missing beside CROCEVIA_TLS_CERT_FILE');
  const caFile = reading.text('CROCEVIA_TLS_CA_FILE');
  return { certFile: certFile ?? '', keyFile: keyFile ?? '', caFile, revocation: readRevocation(reading, caFile) };
}

function readRevocation(reading: Reading, caFile: string | null): Revocation {
  const kind = reading.choice('CROCEVIA_TLS_REVOCATION', ['off', 'crl', 'ocsp'], 'off');
  const whenUnknown = reading.choice('CROCEVIA_TLS_UNKNOWN_STATUS', ['refuse', 'accept'], 'refuse');
  if (kind === 'off') return { kind };
  if (caFile === null) reading.refuse('CROCEVIA_TLS_CA_FILE', `is missing beside CROCEVIA_TLS_REVOCATION=${kind}`);
  const name = kind === 'crl' ? 'CROCEVIA_TLS_CRL_FILE' : 'CROCEVIA_TLS_OCSP_URL';
  const value = kind === 'crl' ? reading.text(name) : reading.url(name, ['http', 'https']);
  if (value === null) reading.refuse(name, `is missing beside CROCEVIA_TLS_REVOCATION=${kind}`);
  return kind === 'crl' ? { kind, file: value ?? '', whenUnknown } : { kind, url: value ?? '', whenUnknown };
}

function refuseContradictions(config: Pick<Config, 'databaseUrl' | 'amqpUrls' | 'roles'>, reading: Reading): void {
  if (config.databaseUrl === null && config.amqpUrls.length > 0) {
    reading.refuse('DATABASE_URL', 'is missing beside AMQP_URL: RabbitMQ moves work that PostgreSQL must hold');
  }
  if (config.amqpUrls.length === 0 && config.roles.length < ROLES.length) {
    reading.refuse(
      'CROCEVIA_ROLES',
      'must be all of them without AMQP_URL: the in-process broker joins one process only',
    );
  }
}

/** The process's own environment: the only place where it is read. */
export const environment = (): Environment => process.env;
