import { Fault } from '../message/fault.js';
import type { Arrival, Identified } from '../message/stages.js';
import type { KnownCredential, Registry } from '../registry/registry.js';
import { certificateName } from '../registry/documents/credentials.js';
import type { PeerCertificate } from '../tls/peer-certificate.js';
import type { CheckCertificate } from '../tls/revocation.js';
import type { CheckSecret } from './check-secret.js';
import { callerOf } from './represent.js';
import { isInForce, requireInForce } from './in-force.js';

/** What the transport knows of the caller before a byte of the body is read. */
export interface Presented {
  /** Values of the Authorization header, one an occurrence. */
  readonly authorization: readonly string[];
  /** Values of X-API-Key, one an occurrence; `id.secret`. */
  readonly apiKey: readonly string[];
  /** Lower-case hex SHA-256 of the client certificate that TLS has verified; null without one. */
  readonly thumbprint: string | null;
  /** The same certificate where it chains to the truststore; null where its thumbprint alone pins it. */
  readonly certificate: PeerCertificate | null;
  /** Why the client certificate that was shown counts for nothing; left out: none was shown, or it counts. */
  readonly certificateRefused?: string;
  /** RabbitMQ user that the broker has verified; null over HTTP. */
  readonly amqpUser: string | null;
}

export type Identify = (arrival: Arrival, presented: Presented) => Promise<Identified>;

type Credentials = Pick<Registry, 'credentials' | 'participant'>;

/** Whose access token it is. Throws token-wrong, token-expired, issuer-unavailable. */
export type VerifyToken = (token: string) => Promise<KnownCredential>;

interface IdentifyParts {
  readonly registry: () => Credentials;
  readonly checkSecret: CheckSecret;
  readonly verifyToken: VerifyToken;
  readonly checkCertificate: CheckCertificate;
}

/**
 * Finds out which system calls. Throws credentials-missing, -wrong, -expired, -repeated, token-wrong, token-expired,
 * issuer-unavailable, certificate-revoked, certificate-status-unknown, overloaded.
 */
export function createIdentify(parts: IdentifyParts): Identify {
  return async (arrival, presented) => {
    const known = await prove(readClaim(presented), parts);
    requireInForce(known.credential, new Date());
    arrival.clock.mark('identify');
    return { ...arrival, caller: callerOf(known.system, parts.registry()) };
  };
}

type Claim =
  | { readonly kind: 'api-key' | 'basic'; readonly name: string; readonly secret: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'tls'; readonly thumbprint: string; readonly certificate: PeerCertificate | null }
  | { readonly kind: 'amqp'; readonly name: string };

function readClaim(presented: Presented): Claim {
  const secrets = [...presented.authorization.map(readAuthorization), ...presented.apiKey.map(readApiKey)];
  if (secrets.length > 1) throw repeated('Authorization, X-API-Key');
  if (secrets[0]) return secrets[0];
  if (presented.amqpUser !== null) return { kind: 'amqp', name: presented.amqpUser };
  const { thumbprint, certificate, certificateRefused } = presented;
  if (thumbprint !== null) return { kind: 'tls', thumbprint, certificate };
  if (certificateRefused !== undefined) throw notAccepted(certificateRefused);
  throw new Fault('credentials-missing', {
    detail: 'The request carries no credential.',
    place: 'Authorization',
    expected: 'Authorization: Bearer ... or Basic ..., X-API-Key: <id>.<secret> or a TLS client certificate',
  });
}

const notAccepted = (reason: string) =>
  new Fault('credentials-wrong', {
    detail: `The client certificate was not accepted: ${reason}.`,
    place: 'client certificate',
    expected: 'one that is valid now and, where the gateway has a truststore, chains to an authority in it',
  });

const repeated = (place: string) =>
  new Fault('credentials-repeated', {
    detail: 'More than one credential was sent.',
    place,
    expected: 'one credential, once',
  });

const BEARER = /^Bearer(?: +(.*))?$/i;

function readAuthorization(header: string): Claim {
  const bearer = BEARER.exec(header.trim());
  return bearer ? { kind: 'bearer', token: bearer[1] ?? '' } : readBasic(header);
}

function readBasic(header: string): Claim {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header.trim())?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw wrong('Authorization', 'Basic base64(<user>:<password>) or Bearer <access token>');
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

async function prove(claim: Claim, parts: IdentifyParts): Promise<KnownCredential> {
  const { registry, checkSecret, verifyToken } = parts;
  if (claim.kind === 'bearer') return verifyToken(claim.token);
  if (claim.kind === 'tls') return proveCertificate(claim, parts);
  const known = registry().credentials(claim.kind, claim.name);
  const found = 'secret' in claim ? await fitting(claim.secret, known, checkSecret) : known[0];
  if (!found) throw wrong(PLACES[claim.kind]);
  return found;
}

/** Nobody is asked about the certificate of a stranger. */
async function proveCertificate(
  { thumbprint, certificate }: Extract<Claim, { kind: 'tls' }>,
  { registry, checkCertificate }: IdentifyParts,
): Promise<KnownCredential> {
  const names = certificate
    ? [certificateName(certificate.subject, certificate.issuer), certificateName(certificate.subject, null)]
    : [];
  const known = [thumbprint, ...names].flatMap((name) => registry().credentials('tls', name));
  const found = known.find(({ credential }) => isInForce(credential, new Date())) ?? known[0];
  if (!found) throw wrong('client certificate');
  if (certificate) await checkCertificate(certificate);
  return found;
}

const PLACES = { basic: 'Authorization', 'api-key': 'X-API-Key', amqp: 'user_id' };

/** The one of the credentials of a name that the secret is of, those of an unknown name in the same time. */
export async function fitting(
  secret: string,
  known: readonly KnownCredential[],
  checkSecret: CheckSecret,
): Promise<KnownCredential | undefined> {
  const held = known.filter(({ credential }) => 'hash' in credential);
  if (held.length === 0) await checkSecret(secret, null);
  const right = await Promise.all(
    held.map(({ credential }) => checkSecret(secret, 'hash' in credential ? credential.hash : null)),
  );
  const fits = held.filter((_, at) => right[at]);
  return fits.find(({ credential }) => isInForce(credential, new Date())) ?? fits[0];
}
