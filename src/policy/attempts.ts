import { hash } from 'node:crypto';
import { TokenBucket } from 'limiter';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { Presented } from './identify.js';

/** Attempts a minute that may fail: of an address, and beyond it of each registered name from there. */
const PER_MINUTE = { address: 60, name: 6 } as const;
/** Addresses, and names from them, that are kept in mind. */
const MAX_BUCKETS = 20_000;
const PROVEN = { max: 10_000, ttl: 600_000 };
const FAILED = ['credentials-missing', 'credentials-wrong', 'credentials-repeated', 'token-wrong', 'client-wrong'];

/** Holds those back who try credentials, by the address they come from. */
export interface Attempts {
  /**
   * Runs an identification. A credential that was proven in the last ten minutes always goes through; behind an address that has
   * used up its attempts, each registered name still has a few of its own. Throws too-many-attempts, else what `identify` throws.
   */
  guard<T>(address: string, credential: Tried, identify: () => Promise<T>): Promise<T>;
  /** X-RateLimit of the attempts that the address has left, for answers to nobody. */
  headers(address: string): Readonly<Record<string, string>>;
}

/** A credential that nobody has looked at yet. */
export interface Tried {
  /** All that was presented, secrets too: only a digest of it is kept. */
  readonly text: string;
  /** Whose it claims to be; null where it does not say. */
  readonly name: { readonly kind: 'api-key' | 'basic' | 'tls' | 'oauth'; readonly name: string } | null;
}

interface AttemptsParts {
  /** True where a credential of that name is registered. */
  readonly isKnown: (kind: NonNullable<Tried['name']>['kind'], name: string) => boolean;
  readonly refused: () => void;
  /** Told once when an address has used up its attempts. */
  readonly reached: (address: string) => void;
}

export function createAttempts({ isKnown, refused, reached }: AttemptsParts): Attempts {
  const buckets = new LRUCache<string, TokenBucket>({ max: MAX_BUCKETS });
  const proven = new LRUCache<string, true>(PROVEN);
  /** Credentials that are being looked at: who comes with the same one meanwhile waits for it, and is no attempt of its own. */
  const running = new Map<string, Promise<void>>();
  const bucketOf = (key: string, size: number) => {
    const known = buckets.get(key) ?? fullBucket(size);
    buckets.set(key, known);
    return known;
  };
  const take = (address: string, { name }: Tried): TokenBucket | null => {
    const whole = bucketOf(address, PER_MINUTE.address);
    if (whole.tryRemoveTokens(1)) {
      if (whole.content < 1) reached(address);
      return whole;
    }
    const own = name && isKnown(name.kind, name.name) ? bucketOf(`${address} ${name.name}`, PER_MINUTE.name) : null;
    return own?.tryRemoveTokens(1) ? own : null;
  };
  return {
    guard: async (source, credential, identify) => {
      const digest = hash('sha256', credential.text, 'base64');
      const before = running.get(digest);
      if (before) await before;
      if (proven.get(digest)) return forgetting(identify, () => proven.delete(digest));
      const bucket = take(networkOf(source), credential);
      if (bucket === null) {
        refused();
        throw tooMany();
      }
      const tried = attempt(identify, bucket);
      const told = tried
        .then(
          () => void proven.set(digest, true),
          () => undefined,
        )
        .finally(() => running.delete(digest));
      running.set(digest, told);
      await told;
      return tried;
    },
    headers: (source) => {
      const whole = buckets.peek(networkOf(source));
      whole?.drip();
      const left = Math.floor(whole?.content ?? PER_MINUTE.address);
      return {
        'x-ratelimit-limit': String(PER_MINUTE.address),
        'x-ratelimit-remaining': String(left),
        'x-ratelimit-reset': String(Math.ceil(((PER_MINUTE.address - left) * 60) / PER_MINUTE.address)),
      };
    },
  };
}

function fullBucket(perMinute: number): TokenBucket {
  const bucket = new TokenBucket({ bucketSize: perMinute, tokensPerInterval: perMinute, interval: 'minute' });
  bucket.content = perMinute;
  return bucket;
}

const giveBack = (bucket: TokenBucket) => void (bucket.content = Math.min(bucket.bucketSize, bucket.content + 1));

const isFailure = (error: unknown) => error instanceof Fault && FAILED.includes(error.code);

async function attempt<T>(identify: () => Promise<T>, bucket: TokenBucket): Promise<T> {
  try {
    const identified = await identify();
    giveBack(bucket);
    return identified;
  } catch (error) {
    if (!isFailure(error)) giveBack(bucket);
    throw error;
  }
}

/** What was proven and is no more (revoked, replaced) is an attempt like any other the next time. */
async function forgetting<T>(identify: () => Promise<T>, forget: () => void): Promise<T> {
  try {
    return await identify();
  } catch (error) {
    if (isFailure(error)) forget();
    throw error;
  }
}

export const triedBy = ({ certificate, ...presented }: Presented): Tried => ({
  text: JSON.stringify([presented, certificate !== null]),
  name: nameOf(presented),
});

function nameOf({ apiKey, authorization, thumbprint }: Omit<Presented, 'certificate'>): Tried['name'] {
  const [key] = apiKey;
  if (key !== undefined) return { kind: 'api-key', name: key.split('.', 1)[0]!.trim() };
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization[0]?.trim() ?? '')?.[1];
  if (encoded === undefined) return thumbprint === null ? null : { kind: 'tls', name: thumbprint };
  return { kind: 'basic', name: Buffer.from(encoded, 'base64').toString('utf8').split(':', 1)[0]! };
}

/** One host of IPv6 has a network of 64 bits to itself. Some proxies write the port of the caller behind its address. */
export function networkOf(address: string): string {
  const [, withoutPort] = /^\[?([\d.]+|[\da-f:.]+(?=\]))\]?:\d+$/i.exec(address) ?? [];
  if (withoutPort !== undefined) return networkOf(withoutPort);
  if (!address.includes(':') || /^::ffff:\d+\./i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail = ''] = address.split('%', 1)[0]!.split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const gap = address.includes('::') ? Array<string>(Math.max(0, 8 - first!.length - last!.length)).fill('0') : [];
  return `${[...first!, ...gap, ...last!].slice(0, 4).join(':')}::/64`;
}

const tooMany = () =>
  new Fault('too-many-attempts', {
    detail: 'Too many credentials from this address were not valid.',
    place: 'limit of the address',
    expected: `at most ${PER_MINUTE.address} attempts a minute that fail`,
    retryAfterSeconds: 10,
  });
