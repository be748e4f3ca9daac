import { Fault } from '../message/fault.js';
import type { Registry } from './registry.js';

/** A node that could not ask for a newer registry for this long may act on an agreement that was revoked. */
export const STALE_AFTER_MS = 30_000;

interface AgeingRegistry {
  current(): Registry;
  /** Milliseconds since it was last known to be the newest. */
  age(): number;
}

/** The registry as long as it is known to be the newest. Throws registry-stale. */
export const fresh = (source: AgeingRegistry) => (): Registry => {
  const age = source.age();
  if (age > STALE_AFTER_MS)
    throw new Fault('registry-stale', {
      detail: `This node has not seen the registry for ${Math.floor(age / 1000)} s.`,
      retryAfterSeconds: 5,
    });
  return source.current();
};
