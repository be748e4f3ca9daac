import { OIDC_VARIABLES } from './oidc-config.js';

export const ROLES = ['ingress', 'relay', 'dispatcher', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Name -> what it is for; `crocevia check` and docs/operations.md show this table. */
export const VARIABLES = {
  PUBLIC_URL: 'address that senders see, http(s)://host[:port]; default http://127.0.0.1:PORT',
  DATABASE_URL:
    'postgres://user:password@host:port/database, several host:port separated by commas; unset: PGlite in CROCEVIA_DATA_DIR',
  AMQP_URL: 'amqp(s)://..., several separated by commas; unset: the in-process broker',
  AMQP_MANAGEMENT_URL: 'http(s)://user:password@host:15672; needed by `crocevia broker grant` only',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'http(s)://host:4318 of an OpenTelemetry collector; other OTEL_EXPORTER_OTLP_*, OTEL_TRACES_SAMPLER* variables are read too; unset: no traces',
  CROCEVIA_HOST: 'address to listen on; default 127.0.0.1',
  CROCEVIA_PORT: 'port to listen on, 0 to 65535; default 8080',
  CROCEVIA_TRUSTED_PROXIES:
    'networks of the proxies in front of this gateway, such as 10.0.5.0/24, that say in X-Forwarded-For who calls, or none; default none',
  CROCEVIA_DATA_DIR: 'directory of the embedded database; default ./data',
  CROCEVIA_PAYLOADS:
    'where large contents lie: database, directory:PATH (seen by every node) or s3://KEY:SECRET@host/bucket[/prefix][?region=R], s3+http: without TLS; default database',
  CROCEVIA_ALLOWED_NETWORKS:
    'private networks in which registered systems may be called, such as 10.20.0.0/16,192.0.2.7, or none; default 127.0.0.0/8,::1 without DATABASE_URL, else none',
  CROCEVIA_REGISTRY_DIR:
    'directory of registry documents, applied on start and on change; default examples/registry without DATABASE_URL, else none',
  CROCEVIA_ROLES: `roles of this process, of ${ROLES.join(', ')}; default all`,
  CROCEVIA_NODE: 'name of this process in the history; default host name and process id',
  CROCEVIA_LOG_LEVEL: 'debug, info, warn, error or silent; default info',
  CROCEVIA_ADMIN_TOKEN:
    'bearer token of the operator `platform`, at least 16 characters; unset: only operators of the registry',
  CROCEVIA_MASTER_KEY_FILE:
    'file of master keys, [id:]base64 of 32 bytes (`crocevia keys new`), one a line, the first one seals; unset: CROCEVIA_MASTER_KEY, else the embedded shape makes one',
  CROCEVIA_MASTER_KEY: 'the same in place of a file, separated by commas',
  CROCEVIA_FOUR_EYES:
    'jobs: each job, and each retry of one message, waits until another operator has approved it; none; default none',
  ...OIDC_VARIABLES,
  CROCEVIA_TLS_CERT_FILE: 'PEM certificate chain of this gateway; turns TLS on',
  CROCEVIA_TLS_KEY_FILE: 'PEM private key of this gateway',
  CROCEVIA_TLS_CA_FILE: 'PEM certificates that client certificates must chain to',
  CROCEVIA_TLS_REVOCATION:
    'how revoked client certificates are known: off, crl (CROCEVIA_TLS_CRL_FILE) or ocsp (CROCEVIA_TLS_OCSP_URL); default off',
  CROCEVIA_TLS_CRL_FILE: 'PEM revocation lists of the authorities in CROCEVIA_TLS_CA_FILE; followed while it runs',
  CROCEVIA_TLS_OCSP_URL: 'http(s) address of the OCSP responder; what certificates name is never called',
  CROCEVIA_TLS_UNKNOWN_STATUS:
    'refuse or accept: a client certificate while its list is missing or over, or the responder is away; default refuse',
  CROCEVIA_SMTP_URL: 'smtp(s)://user:password@host:port of the mail server for alerts; unset: no mail',
  CROCEVIA_ALERT_FROM: 'mail address from which alerts come; needed beside CROCEVIA_SMTP_URL',
  CROCEVIA_ALERT_TO: 'mail addresses to which alerts go, separated by commas; needed beside CROCEVIA_SMTP_URL',
  CROCEVIA_ALERT_WEBHOOK:
    'http(s) address to which alerts are posted as JSON, judged like those of systems; unset: none',
  CROCEVIA_ALERT_SECONDS: 'seconds between two looks at the rules, half of the time between two notices; default 30',
  CROCEVIA_CONTENT_DAYS: 'days for which contents are kept where no agreement says otherwise; default 90',
  CROCEVIA_RECORD_DAYS: 'days for which records are kept where no agreement says longer; default 730',
  CROCEVIA_MAX_REQUEST_BYTES: 'upper bound of one request, bytes; default 20971520',
  CROCEVIA_RATE_PER_MINUTE: 'requests a minute of a system whose document has no limits; default 60000',
  CROCEVIA_API_KEY: 'id.secret of a system, for the command line only',
  CROCEVIA_REQUEST_TIMEOUT_MS: 'time for a whole request to arrive; default 30000',
} as const;

/** Numbers and choices: their values may leave the house. Of all others only that they are set. */
const HARMLESS: ReadonlySet<string> = new Set<keyof typeof VARIABLES>([
  'CROCEVIA_PORT',
  'CROCEVIA_ROLES',
  'CROCEVIA_LOG_LEVEL',
  'CROCEVIA_FOUR_EYES',
  'CROCEVIA_TLS_REVOCATION',
  'CROCEVIA_TLS_UNKNOWN_STATUS',
  'CROCEVIA_ALERT_SECONDS',
  'CROCEVIA_CONTENT_DAYS',
  'CROCEVIA_RECORD_DAYS',
  'CROCEVIA_MAX_REQUEST_BYTES',
  'CROCEVIA_RATE_PER_MINUTE',
  'CROCEVIA_REQUEST_TIMEOUT_MS',
]);

/** Which variables of the gateway are set: the value of a harmless one, null for any other. */
export const settingsIn = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.keys(VARIABLES).flatMap((name) =>
      env[name] === undefined ? [] : [[name, HARMLESS.has(name) ? env[name] : null]],
    ),
  );
