/** A key pair that signs access tokens. */
export interface StoredKey {
  readonly kid: string;
  readonly createdAt: Date;
  /** Private JWK as JSON: whoever encrypts keys at rest wraps the store, and nothing else sees it. */
  readonly privateJwk: string;
}

/** The signing keys that all nodes share. Every method throws Fault store-unavailable. */
export interface SigningKeyStore {
  /** Oldest first. */
  all(): Promise<readonly StoredKey[]>;
  /** Keeps the key, unless there is one made after `since`. Of two nodes that add at one instant both may: both are published. */
  add(key: StoredKey, since: Date): Promise<void>;
  remove(kids: readonly string[]): Promise<void>;
}

/** Which assertions have been used (RFC 7523 §3, `jti`), for all nodes. */
export interface UsedAssertions {
  /** False where this one was used before; it may be forgotten after `until`. Throws Fault store-unavailable. */
  use(clientId: string, jti: string, until: Date): Promise<boolean>;
}
