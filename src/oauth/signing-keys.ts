import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import type { PublicJwk } from '../registry/model.js';
import type { SigningKeyStore, StoredKey } from './ports.js';

/** Seconds for which an access token is good. */
export const TOKEN_SECONDS = 900;
export const SIGNING_ALGORITHM = 'ES256';

const SECOND = 1_000;
const ROTATE_AFTER_MS = 30 * 86_400 * SECOND;
/** A new key is published so long before it signs, so that every node and every cache knows it. */
const PUBLISHED_FIRST_MS = 180 * SECOND;
const LOOK_EVERY_MS = 60 * SECOND;
/** A key that is not known here may be another node's first; a stranger's makes no more looks than these. */
const LOOK_AGAIN_MS = 5 * SECOND;
/** Differences between clocks. */
const MARGIN_MS = 60 * SECOND;

export interface SigningKeys {
  /** Makes the first key where there is none. Throws Fault store-unavailable. */
  start(): Promise<void>;
  stop(): void;
  /** Reads the keys of all nodes, makes a new one where the newest is 30 days old, and forgets those whose tokens are over. */
  look(): Promise<void>;
  sign(claims: JWTPayload): Promise<string>;
  /** Null where no node has such a key. */
  publicKey(kid: string): Promise<KeyObject | null>;
  /** RFC 7517 §5. */
  jwks(): { readonly keys: readonly PublicJwk[] };
}

interface Key {
  readonly kid: string;
  readonly createdAt: Date;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

interface KeyParts {
  readonly store: SigningKeyStore;
  readonly now: () => number;
  readonly problem: (error: unknown) => void;
}

export function createSigningKeys({ store, now, problem }: KeyParts): SigningKeys {
  let keys: readonly Key[] = [];
  let lookedAt = 0;
  let timer: NodeJS.Timeout | null = null;
  const read = async () => {
    lookedAt = now();
    const known = new Map(keys.map((key) => [key.kid, key]));
    keys = (await store.all()).map((stored) => known.get(stored.kid) ?? opened(stored));
  };
  const look = async () => {
    await read();
    const since = new Date(now() - ROTATE_AFTER_MS);
    if (!keys.some(({ createdAt }) => createdAt > since)) {
      await store.add(newKey(new Date(now())), since);
      await read();
    }
    const over = keys.filter((_, at) => isOver(keys[at + 1], now()));
    if (over.length === 0) return;
    await store.remove(over.map(({ kid }) => kid));
    keys = keys.filter((key) => !over.includes(key));
  };
  return {
    look,
    start: async () => {
      await look();
      timer = setInterval(() => void look().catch(problem), LOOK_EVERY_MS).unref();
    },
    stop: () => void (timer && clearInterval(timer)),
    sign: (claims) => {
      const { kid, privateKey } = signing(keys, now());
      return new SignJWT(claims).setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid }).sign(privateKey);
    },
    publicKey: async (kid) => {
      const found = () => keys.find((key) => key.kid === kid)?.publicKey ?? null;
      if (found() === null && now() - lookedAt >= LOOK_AGAIN_MS) await read();
      return found();
    },
    jwks: () => ({ keys: keys.map(published) }),
  };
}

/** The newest that everybody has seen; the oldest where all are new. */
function signing(keys: readonly Key[], now: number): Key {
  const seen = keys.filter(({ createdAt }) => createdAt.getTime() <= now - PUBLISHED_FIRST_MS);
  const key = seen.at(-1) ?? keys[0];
  if (!key) throw new Error('There is no signing key: call start() first');
  return key;
}

/** The last token of a key ends when its successor has signed for the life of a token. */
const isOver = (successor: Key | undefined, now: number) =>
  successor !== undefined &&
  successor.createdAt.getTime() + PUBLISHED_FIRST_MS + TOKEN_SECONDS * SECOND + MARGIN_MS < now;

function newKey(createdAt: Date): StoredKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(12).toString('base64url');
  return { kid, createdAt, privateJwk: JSON.stringify(privateKey.export({ format: 'jwk' })) };
}

function opened({ kid, createdAt, privateJwk }: StoredKey): Key {
  const privateKey = createPrivateKey({ key: JSON.parse(privateJwk) as JsonWebKey, format: 'jwk' });
  return { kid, createdAt, privateKey, publicKey: createPublicKey(privateKey) };
}

const published = ({ kid, publicKey }: Key): PublicJwk => ({
  ...(publicKey.export({ format: 'jwk' }) as PublicJwk),
  kid,
  alg: SIGNING_ALGORITHM,
  use: 'sig',
});
