import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';

const WINDOW_MS = 60_000;
/** Failures a minute of one client from one address, and of all clients from it. */
const MOST = { client: 10, address: 60 };

/** Failed attempts to get a token, on this node: guessing is slow, and nobody is locked out from elsewhere. */
export interface Attempts {
  /** Throws too-many-attempts. */
  require(address: string, client: string): void;
  failed(address: string, client: string): void;
}

export function createAttempts(now: () => number): Attempts {
  const counts = new LRUCache<string, { failures: number; readonly until: number }>({ max: 20_000 });
  const windowOf = (key: string) => {
    const known = counts.get(key);
    return known && now() < known.until ? known : { failures: 0, until: now() + WINDOW_MS };
  };
  const keysOf = (address: string, client: string) =>
    [
      [`${address} ${client}`, MOST.client],
      [address, MOST.address],
    ] as const;
  return {
    require: (address, client) => {
      for (const [key, most] of keysOf(address, client)) {
        const { failures, until } = windowOf(key);
        if (failures >= most) throw tooMany(until - now());
      }
    },
    failed: (address, client) => {
      for (const [key] of keysOf(address, client)) {
        const window = windowOf(key);
        window.failures++;
        counts.set(key, window);
      }
    },
  };
}

const tooMany = (waitMs: number) =>
  new Fault('too-many-attempts', {
    detail: 'Too many tokens were asked for with a wrong credential.',
    place: 'client_id',
    expected: 'a right credential after the wait',
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
