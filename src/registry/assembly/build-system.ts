import type {
  EndpointDocument,
  ProvidedDocument,
  PushDocument,
  ReceivesDocument,
  SystemDocument,
} from '../documents/document-types.js';
import type { Path } from '../documents/documents.js';
import { fromEnvironment, type Environment, type Problem } from '../documents/environment.js';
import { readName } from '../distinguished-name.js';
import { publicKeysOf } from '../public-keys.js';
import type { Endpoint, Provided, Receives, RetryRule, System } from '../model.js';

const RETRY: RetryRule = { attempts: 8, firstDelayMs: 5_000, maxDelayMs: 1_800_000 };
const CONCURRENCY = 4;
const TIMEOUT_MS = 30_000;
const ANSWERS = { concurrency: 8, waiting: 100 };

/** A system with its defaults filled in and its `env:` values resolved. */
export function buildSystem(document: SystemDocument, env: Environment, problem: Problem): System {
  const {
    id,
    participant,
    credentials = [],
    provides = [],
    answers,
    receives,
    receiptsTo,
    callbacks = [],
    paused = false,
    actsFor,
    limits,
  } = document;
  requireOneWay(provides, problem);
  requireAmqpUser(document, problem);
  requireReadable(credentials, problem);
  return {
    id,
    participant,
    credentials,
    provides: provides.map((one, index) => buildProvided(one, index, env, problem)),
    answers: { ...ANSWERS, ...answers },
    receives: receives ? buildReceives(receives, env, problem) : null,
    receiptsTo: receiptsTo ? buildPush(receiptsTo, ['receiptsTo'], env, problem) : null,
    paused,
    ...(actsFor && { actsFor }),
    ...(limits && { limits }),
    callbacks: callbacks.map((one, index) => buildPush(one, ['callbacks', index], env, problem)),
  };
}

function buildProvided(
  { service, version, endpoint }: ProvidedDocument,
  index: number,
  env: Environment,
  problem: Problem,
) {
  const at = ['provides', index, 'endpoint'];
  return { service, version, endpoint: endpoint ? buildEndpoint(endpoint, at, env, problem) : null } satisfies Provided;
}

function buildEndpoint(
  { protocol, by, url, timeoutMs = TIMEOUT_MS, headers, hedgeAfterMs, cache = false }: EndpointDocument,
  at: Path,
  env: Environment,
  problem: Problem,
): Endpoint {
  if (url === undefined)
    return { protocol, by: by ?? 'fetch', url: null, timeoutMs, headers: {}, hedgeAfterMs: null, cache };
  if (hedgeAfterMs !== undefined && hedgeAfterMs >= timeoutMs)
    problem([...at, 'hedgeAfterMs'], 'the question has ended by then', `less than timeoutMs, ${timeoutMs}`);
  return {
    protocol,
    by: 'call',
    cache,
    hedgeAfterMs: hedgeAfterMs ?? null,
    ...buildPush({ url, timeoutMs, ...(headers && { headers }) }, at, env, problem),
  };
}

/** A system has one queue of questions, so that they are all fetched or all brought to it, by call or AMQP. */
function requireOneWay(provides: readonly ProvidedDocument[], problem: Problem): void {
  const isFetched = ({ endpoint }: ProvidedDocument) => endpoint && !endpoint.url && !endpoint.by;
  const isBrought = provides.some(({ endpoint }) => endpoint?.url ?? endpoint?.by);
  const at = provides.findIndex(isFetched);
  if (!isBrought || at < 0) return;
  problem(
    ['provides', at, 'endpoint'],
    'it has no url, and another endpoint of this system has one or is asked by AMQP',
    'url: or by: amqp in all, or both in none',
  );
}

function requireAmqpUser({ provides = [], credentials = [] }: SystemDocument, problem: Problem): void {
  const at = provides.findIndex(({ endpoint }) => endpoint?.by === 'amqp');
  if (at < 0 || credentials.some(({ kind }) => kind === 'amqp')) return;
  problem(
    ['provides', at, 'endpoint'],
    'it is asked by AMQP, and the system has no amqp credential',
    'credentials: [{ kind: amqp, username: ... }]',
  );
}

/** Keys and names are read when they are needed; what cannot be read is told here. */
function requireReadable(credentials: NonNullable<SystemDocument['credentials']>, problem: Problem): void {
  credentials.forEach((credential, index) => {
    try {
      readCredential(credential);
    } catch (error) {
      const hint = 'a public key, RSA from 2048 bits; names as CN=anagrafe,O=Comune di Sulmona,C=IT';
      problem(['credentials', index], `it cannot be used: ${(error as Error).message}`, hint);
    }
  });
}

function readCredential(credential: NonNullable<SystemDocument['credentials']>[number]): void {
  if (credential.kind === 'oauth') publicKeysOf(credential);
  if (credential.kind !== 'tls' || 'thumbprint' in credential) return;
  readName(credential.subject);
  if (credential.issuer !== undefined) readName(credential.issuer);
}

function buildReceives(document: ReceivesDocument, env: Environment, problem: Problem): Receives {
  const { shape = 'original', concurrency = CONCURRENCY, rate, retry } = document;
  const destination = { shape, concurrency, retry: { ...RETRY, ...retry }, ...(rate !== undefined && { rate }) };
  if (!('url' in document)) return { ...destination, channel: document.channel };
  const outcomes = (document.outcomes ?? []).map((rule) => ({ status: null, fault: null, ...rule }));
  const traits = { outcomes, ...(document.gzip && { gzip: true }) };
  return { ...destination, channel: document.channel, ...traits, ...buildPush(document, ['receives'], env, problem) };
}

function buildPush(
  { url, timeoutMs = TIMEOUT_MS, headers = {} }: PushDocument,
  at: Path,
  env: Environment,
  problem: Problem,
) {
  const read = (path: Path, value: string) =>
    fromEnvironment(value, env, (name) =>
      problem([...at, ...path], `${name} is not in the environment`, `set ${name}, or write env:${name}|fallback`),
    );
  const address = read(['url'], url);
  if (address !== '' && !isHttp(address))
    problem([...at, 'url'], `"${url.replace(/\/\/[^/@]*@/, '//***@')}" is no http address`, 'http://host:port/path');
  const named = Object.entries(headers).map(([name, value]) => [name, read(['headers', name], value)] as const);
  return { url: address, timeoutMs, headers: Object.fromEntries(named) };
}

const isHttp = (address: string) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
