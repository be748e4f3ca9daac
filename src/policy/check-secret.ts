import { hash as digest, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';

/** True where the secret fits the hash; false for the null of an unknown name, in the same time. Throws overloaded. */
export type CheckSecret = (secret: string, hash: string | null) => Promise<boolean>;

type Verify = (secret: string, hash: string) => Promise<boolean>;

/** Slow hashes under way at once; more are refused so that guessing cannot take the machine. */
const MAX_SLOW_CHECKS = 16;
/** Checked against when the name is unknown, so that the time tells nothing. */
const NOBODY = `scrypt$16384$8$1$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`;

/**
 * A secret that was checked once is remembered by its SHA-256 for ten minutes, so the slow hash is not paid a request.
 * Callers that come with the same one at the same time wait for one check.
 */
export function createCheckSecret(verify: Verify): CheckSecret {
  const seen = new LRUCache<string, Promise<boolean>>({ max: 10_000, ttl: 600_000 });
  const check = bounded(verify);
  return (secret, hash) => {
    const against = hash ?? NOBODY;
    const key = digest('sha256', `${against}\0${secret}`, 'base64');
    const known = seen.get(key);
    if (known) return known;
    const checking = check(secret, against);
    seen.set(key, checking);
    checking.catch(() => seen.delete(key));
    return checking;
  };
}

function bounded(verify: Verify): Verify {
  let slow = 0;
  return async (secret, hash) => {
    if (slow >= MAX_SLOW_CHECKS) throw tooMany();
    slow++;
    return verify(secret, hash).finally(() => slow--);
  };
}

const tooMany = () =>
  new Fault('overloaded', { detail: 'Too many credentials are being checked.', retryAfterSeconds: 1 });
