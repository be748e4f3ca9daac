import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';

const MINUTE = 60_000;

/** Failed log-ins, at this node, from the first one on. */
const LIMITS = {
  /** From one address, whatever the name. */
  address: { most: 20, ms: 15 * MINUTE },
  /** With one name from one address. */
  pair: { most: 5, ms: 15 * MINUTE },
  /** With one name from anywhere (NIST SP 800-63B-4 §3.2.2: at most 100). */
  name: { most: 100, ms: 60 * MINUTE },
  /** From a browser that has logged in with this name before: nobody else can use it up. */
  device: { most: 10, ms: 15 * MINUTE },
} as const;

type Kind = keyof typeof LIMITS;

interface Attempt {
  readonly name: string;
  readonly address: string;
  /** Of a browser that has logged in with this name before, else null. */
  readonly device: string | null;
}

/**
 * Holds up who guesses. Each try counts before it is looked at, so that many at once count too; one that succeeds is
 * taken off again. A browser that is known counts for itself alone: no stranger can lock its operator out.
 */
export interface LogInThrottle {
  /** Counts; throws log-in-throttled. */
  enter(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

interface Count {
  tries: number;
  readonly since: number;
}

export function createLogInThrottle(now: () => number): LogInThrottle {
  const counts = new LRUCache<string, Count>({ max: 50_000 });
  const countOf = (kind: Kind, key: string): Count => {
    const found = counts.get(key);
    if (found && now() - found.since < LIMITS[kind].ms) return found;
    const fresh = { tries: 0, since: now() };
    counts.set(key, fresh);
    return fresh;
  };
  return {
    enter: (attempt) => {
      const all = keysOf(attempt).map(([kind, key]) => [kind, countOf(kind, key)] as const);
      for (const [kind, { tries, since }] of all)
        if (tries >= LIMITS[kind].most) throw throttled(since + LIMITS[kind].ms - now());
      for (const [, count] of all) count.tries++;
    },
    succeeded: (attempt) => {
      for (const [kind, key] of keysOf(attempt)) countOf(kind, key).tries--;
      counts.delete(`pair ${attempt.name} ${blockOf(attempt.address)}`);
    },
  };
}

function keysOf({ name, address, device }: Attempt): readonly (readonly [Kind, string])[] {
  if (device !== null) return [['device', `device ${device}`]];
  const block = blockOf(address);
  return [
    ['address', `address ${block}`],
    ['pair', `pair ${name} ${block}`],
    ['name', `name ${name}`],
  ];
}

/** Whoever has one address of IPv6 has the other 2^64 of its network. */
const blockOf = (address: string) => (isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address);

function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : 8 - before!.length - after!.length;
  return [...before!, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after!].map((one) =>
    one.replace(/^0+(?=.)/, ''),
  );
}

const throttled = (ms: number) =>
  new Fault('log-in-throttled', {
    detail: 'Too many log-ins were refused.',
    retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)),
  });
