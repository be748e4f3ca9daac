import { hash as digest, type KeyObject } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { VerifyToken } from '../policy/identify.js';
import { tokenName } from '../registry/documents/credentials.js';
import type { Issuer } from '../registry/model.js';
import type { KnownCredential, Registry } from '../registry/registry.js';
import { checkSignature, CLOCK_TOLERANCE_S, readUnproven, TokenProblem, type TokenHeader } from './check-signature.js';
import { fingerprintsOf } from './fingerprint.js';
import type { IssuerKeys } from './issuer-keys.js';
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.js';

interface VerifyParts {
  readonly registry: () => Pick<Registry, 'revision' | 'credentials' | 'issuer'>;
  readonly keys: Pick<SigningKeys, 'publicKey'>;
  readonly issuerKeys: Pick<IssuerKeys, 'keysFor'>;
  /** `iss` and `aud` of the gateway's own tokens. */
  readonly issuer: string;
  readonly now: () => number;
}

/** A key that its issuer has withdrawn ends the tokens that were seen before after this time, and that of the key set. */
const LOOK_AGAIN_MS = 300_000;

interface Verified {
  readonly known: KnownCredential;
  /** Milliseconds since 1970 until which the token is good. */
  readonly until: number;
}

/**
 * Whose access token it is: one of the gateway's own, or of a registered issuer. A token that was verified is remembered by
 * its SHA-256 until it ends or the registry changes, so no signature is checked a request.
 */
export function createVerifyToken(parts: VerifyParts): VerifyToken {
  const seen = new LRUCache<string, Promise<Verified>>({ max: 10_000, ttl: LOOK_AGAIN_MS });
  return async (token) => {
    const key = `${parts.registry().revision} ${digest('sha256', token, 'base64')}`;
    const verifying = seen.get(key) ?? verify(token, parts);
    seen.set(key, verifying);
    try {
      const { known, until } = await verifying;
      if (parts.now() < until) return known;
    } catch (error) {
      seen.delete(key);
      throw faultOf(error);
    }
    seen.delete(key);
    throw faultOf(new TokenProblem('Its time is over.', true));
  };
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof TokenProblem)) return error;
  return new Fault(error.isExpired ? 'token-expired' : 'token-wrong', {
    detail: `The access token is not accepted. ${error.said}`,
    place: 'Authorization',
    expected: 'Bearer and a token of POST /oauth/token, or of an issuer that is registered for the system',
  });
}

async function verify(token: string, parts: VerifyParts): Promise<Verified> {
  const { header, claims } = readUnproven(token);
  if (claims.iss === parts.issuer) return verifyOwn(token, header, parts);
  const issuer = typeof claims.iss === 'string' ? parts.registry().issuer(claims.iss) : undefined;
  if (!issuer) throw new TokenProblem('Its issuer is not registered.');
  return verifyForeign(token, header, issuer, parts);
}

/** RFC 9068 §4. */
async function verifyOwn(token: string, { kid }: TokenHeader, parts: VerifyParts): Promise<Verified> {
  const key = kid === null ? null : await parts.keys.publicKey(kid);
  const { claims } = await checkSignature(token, listed(key), {
    ...expectations(parts.issuer, parts.issuer, parts.now()),
    algorithms: [SIGNING_ALGORITHM],
    typ: 'at+jwt',
    clockTolerance: 0,
  });
  const known = parts
    .registry()
    .credentials('oauth', String(claims['client_id']))
    .find(({ credential }) => fingerprintsOf(credential).includes(String(claims['credential'])));
  if (!known) throw new TokenProblem('The credential that it was given for has been withdrawn.');
  return { known, until: endOf(claims, 0) };
}

const listed = (key: KeyObject | null) => (key === null ? [] : [key]);

/** What issuers write into `typ` of access tokens (RFC 9068 §2.1), and those that write nothing of use. */
const TYPES: readonly (string | null)[] = [null, 'jwt', 'at+jwt', 'application/at+jwt'];

async function verifyForeign(
  token: string,
  header: TokenHeader,
  issuer: Issuer,
  parts: VerifyParts,
): Promise<Verified> {
  if (!issuer.algorithms.includes(header.alg)) throw new TokenProblem('Its algorithm is not allowed.');
  if (!TYPES.includes(header.typ?.toLowerCase() ?? null)) throw new TokenProblem('Its typ is not of an access token.');
  const keys = await parts.issuerKeys.keysFor(issuer, header);
  const { claims } = await checkSignature(token, keys, {
    ...expectations(issuer.issuer, issuer.audience, parts.now()),
    algorithms: [...issuer.algorithms],
  });
  const [known] = parts.registry().credentials('token', tokenName(issuer.issuer, String(claims.sub)));
  if (!known) throw new TokenProblem('No system is registered for its subject.');
  return { known, until: endOf(claims, CLOCK_TOLERANCE_S * 1_000) };
}

const expectations = (issuer: string, audience: string, now: number) => ({
  issuer,
  audience,
  requiredClaims: ['exp', 'sub'],
  currentDate: new Date(now),
});

const endOf = ({ exp = 0 }: JWTPayload, toleranceMs: number) => exp * 1_000 + toleranceMs;
