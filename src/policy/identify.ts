import { Fault } from '../message/fault.js';
import type { Arrival, Identified } from '../message/stages.js';
import type { KnownCredential, Registry } from '../registry/registry.js';
import type { CheckSecret } from './check-secret.js';
import { callerOf } from './represent.js';

/** What the transport knows of the caller before a byte of the body is read. */
export interface Presented {
  /** Values of the Authorization header, one an occurrence. */
  readonly authorization: readonly string[];
  /** Values of X-API-Key, one an occurrence; `id.secret`. */
  readonly apiKey: readonly string[];
  /** Lower-case hex SHA-256 of the client certificate that TLS has verified; null without one. */
  readonly thumbprint: string | null;
  /** RabbitMQ user that the broker has verified; null over HTTP. */
  readonly amqpUser: string | null;
}

export type Identify = (arrival: Arrival, presented: Presented) => Promise<Identified>;

type Credentials = Pick<Registry, 'credential' | 'participant'>;

interface IdentifyParts {
  readonly registry: () => Credentials;
  readonly checkSecret: CheckSecret;
}

/**
 * Finds out which system calls. Throws credentials-missing, credentials-wrong, credentials-repeated, overloaded.
 */
export function createIdentify({ registry, checkSecret }: IdentifyParts): Identify {
  return async (arrival, presented) => {
    const known = await prove(readClaim(presented), registry(), checkSecret);
    arrival.clock.mark('identify');
    return { ...arrival, caller: callerOf(known.system, registry()) };
  };
}

type Claim =
  | { readonly kind: 'api-key' | 'basic'; readonly name: string; readonly secret: string }
  | { readonly kind: 'tls' | 'amqp'; readonly name: string };

function readClaim(presented: Presented): Claim {
  const secrets = [...presented.authorization.map(readBasic), ...presented.apiKey.map(readApiKey)];
  if (secrets.length > 1) throw repeated('Authorization, X-API-Key');
  if (secrets[0]) return secrets[0];
  if (presented.amqpUser !== null) return { kind: 'amqp', name: presented.amqpUser };
  if (presented.thumbprint !== null) return { kind: 'tls', name: presented.thumbprint };
  throw new Fault('credentials-missing', {
    detail: 'The request carries no credential.',
    place: 'Authorization',
    expected: 'Authorization: Basic ..., X-API-Key: <id>.<secret> or a TLS client certificate',
  });
}

const repeated = (place: string) =>
  new Fault('credentials-repeated', {
    detail: 'More than one credential was sent.',
    place,
    expected: 'one credential, once',
  });

function readBasic(header: string): Claim {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header.trim())?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw wrong('Authorization', 'Basic base64(<user>:<password>)');
  return { kind: 'basic', name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function readApiKey(header: string): Claim {
  if (header.includes(',')) throw repeated('X-API-Key');
  const dot = header.indexOf('.');
  if (dot < 1) throw wrong('X-API-Key', '<credential id>.<secret>');
  return { kind: 'api-key', name: header.slice(0, dot).trim(), secret: header.slice(dot + 1).trim() };
}

const wrong = (place: string, expected?: string) =>
  new Fault('credentials-wrong', {
    detail: 'The credential is not valid.',
    place,
    ...(expected !== undefined && { expected }),
  });

async function prove(claim: Claim, registry: Credentials, checkSecret: CheckSecret): Promise<KnownCredential> {
  const known = registry.credential(claim.kind, claim.name);
  if ('secret' in claim) {
    const hash = known && 'hash' in known.credential ? known.credential.hash : null;
    const right = await checkSecret(claim.secret, hash);
    if (!right || !known) throw wrong(claim.kind === 'basic' ? 'Authorization' : 'X-API-Key');
    return known;
  }
  if (!known) throw wrong(claim.kind === 'tls' ? 'client certificate' : 'user_id');
  return known;
}
