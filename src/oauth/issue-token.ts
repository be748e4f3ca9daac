import { randomUUID } from 'node:crypto';
import type { Attempts, Tried } from '../policy/attempts.js';
import type { CheckClient } from './check-client.js';
import { readUnproven } from './check-signature.js';
import { TOKEN_SECONDS, type SigningKeys } from './signing-keys.js';
import { readTokenRequest, type ClientProof } from './token-request.js';

/** RFC 6749 §5.1. */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

interface IssueParts {
  readonly checkClient: CheckClient;
  readonly attempts: Pick<Attempts, 'guard'>;
  readonly keys: Pick<SigningKeys, 'sign'>;
  readonly issuer: string;
  readonly now: () => number;
}

/**
 * Gives an access token (RFC 9068) for a form as it came from an address. Throws token-request-wrong, grant-unsupported,
 * scope-unsupported, client-wrong, credentials-expired, too-many-attempts, overloaded, store-unavailable.
 */
export type IssueToken = (form: string, authorization: readonly string[], address: string) => Promise<IssuedToken>;

export function createIssueToken({ checkClient, attempts, keys, issuer, now }: IssueParts): IssueToken {
  return async (form, authorization, address) => {
    const proof = readTokenRequest(form, authorization);
    const tried = { text: JSON.stringify(proof), name: nameOf(proof) };
    const { clientId, fingerprint } = await attempts.guard(address, tried, () => checkClient(proof));
    const issuedAt = Math.floor(now() / 1_000);
    const token = await keys.sign({
      iss: issuer,
      sub: clientId,
      aud: issuer,
      client_id: clientId,
      iat: issuedAt,
      exp: issuedAt + TOKEN_SECONDS,
      jti: randomUUID(),
      credential: fingerprint,
    });
    return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS };
  };
}

function nameOf(proof: ClientProof): Tried['name'] {
  const name = proof.clientId ?? ('assertion' in proof ? subjectOf(proof.assertion) : null);
  return name === null ? null : { kind: 'oauth', name };
}

function subjectOf(assertion: string): string | null {
  try {
    return readUnproven(assertion).claims.sub ?? null;
  } catch {
    return null;
  }
}
