import { createPublicKey, type KeyObject } from 'node:crypto';
import type { OauthCredential, PublicJwk } from './model.js';
import { remembered } from './remembered.js';

export interface PublicKey {
  /** Null: the key has no name, and serves whatever name is asked for. */
  readonly kid: string | null;
  readonly key: KeyObject;
}

const LEAST_RSA_BITS = 2_048;

/** The keys of a client of the token endpoint; none where it has a secret. Throws Error naming what is wrong with one. */
export const publicKeysOf = remembered((credential: OauthCredential): readonly PublicKey[] => {
  if ('publicKey' in credential) return [{ kid: null, key: strong(createPublicKey(credential.publicKey)) }];
  if ('jwks' in credential) return credential.jwks.keys.map(readKey);
  return [];
});

/** Throws Error where it is no public key, or a weak one. */
export function readKey(jwk: PublicJwk): PublicKey {
  return { kid: jwk.kid ?? null, key: strong(createPublicKey({ key: jwk, format: 'jwk' })) };
}

function strong(key: KeyObject): KeyObject {
  const { modulusLength = LEAST_RSA_BITS } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < LEAST_RSA_BITS) throw new Error(`an RSA key has at least ${LEAST_RSA_BITS} bits`);
  return key;
}
