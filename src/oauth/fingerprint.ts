import { hash, type KeyObject } from 'node:crypto';
import type { Credential } from '../registry/model.js';
import { publicKeysOf } from '../registry/public-keys.js';

/** What a token remembers of the credential that it was given for: with the credential, the token ends. */
export const fingerprintOfSecret = (stored: string): string => hash('sha256', stored, 'base64url').slice(0, 22);

export const fingerprintOfKey = (key: KeyObject): string =>
  hash('sha256', key.export({ format: 'der', type: 'spki' }), 'base64url').slice(0, 22);

/** One of a secret, one of each key. */
export function fingerprintsOf(credential: Credential): readonly string[] {
  if (credential.kind !== 'oauth') return [];
  if ('hash' in credential) return [fingerprintOfSecret(credential.hash)];
  return publicKeysOf(credential).map(({ key }) => fingerprintOfKey(key));
}
