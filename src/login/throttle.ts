import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import { networkOf } from '../policy/attempts.js';

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

/** Addresses, names and so on that are kept in mind. */
const MOST_KEPT = 50_000;

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
  // One for each kind: who makes up names pushes out no addresses.
  const counts = byKind(() => new LRUCache<string, Count>({ max: MOST_KEPT }));
  const countOf = (kind: Kind, key: string): Count | null => {
    const found = counts[kind].get(key);
    return found && now() - found.since < LIMITS[kind].ms ? found : null;
  };
  const add = (kind: Kind, key: string) => {
    const count = countOf(kind, key) ?? { tries: 0, since: now() };
    count.tries++;
    counts[kind].set(key, count);
  };
  return {
    enter: (attempt) => {
      // What is refused here leaves nothing behind.
      for (const [kind, key] of keysOf(attempt)) {
        const { tries, since } = countOf(kind, key) ?? NO_TRY;
        if (tries >= LIMITS[kind].most) throw throttled(since + LIMITS[kind].ms - now());
      }
      for (const [kind, key] of keysOf(attempt)) add(kind, key);
    },
    succeeded: (attempt) => {
      for (const [kind, key] of keysOf(attempt)) {
        const count = countOf(kind, key);
        if (count) count.tries--;
        if (kind === 'pair') counts.pair.delete(key);
      }
    },
  };
}

const NO_TRY: Count = { tries: 0, since: 0 };

const byKind = <T>(make: () => T): Readonly<Record<Kind, T>> => ({
  address: make(),
  pair: make(),
  name: make(),
  device: make(),
});

/** Addresses come first: who has used up its own learns nothing of the others. */
function keysOf({ name, address, device }: Attempt): readonly (readonly [Kind, string])[] {
  if (device !== null) return [['device', device]];
  const network = networkOf(address);
  return [
    ['address', network],
    ['pair', `${name} ${network}`],
    ['name', name],
  ];
}

const throttled = (ms: number) =>
  new Fault('log-in-throttled', {
    detail: 'Too many log-ins were refused.',
    retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)),
  });
