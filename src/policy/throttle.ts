import { RateLimiter } from 'limiter';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { Agreement } from '../registry/model.js';
import type { Authorised } from './stages.js';

const MINUTE_MS = 60_000;
/** Agreements with a rate limit that are kept in mind; one that was idle that long has its whole burst again anyway. */
const MAX_LIMITERS = 50_000;

/** Holds each agreement to its rate on this node. Throws rate-limited. */
export type Throttle = (authorised: Authorised) => Authorised;

export function createThrottle(): Throttle {
  const limiters = new LRUCache<string, RateLimiter>({ max: MAX_LIMITERS });
  const limiterOf = ({ id }: Agreement, perMinute: number) => {
    const key = `${id} ${perMinute}`;
    const known = limiters.get(key) ?? new RateLimiter({ tokensPerInterval: perMinute, interval: MINUTE_MS });
    limiters.set(key, known);
    return known;
  };
  return (authorised) => {
    for (const { agreement } of authorised.routes) {
      const { perMinute } = agreement;
      if (perMinute !== null && !limiterOf(agreement, perMinute).tryRemoveTokens(1))
        throw tooFast(agreement, perMinute);
    }
    return authorised;
  };
}

const tooFast = ({ id }: Agreement, perMinute: number) =>
  new Fault('rate-limited', {
    detail: `Agreement ${id} allows ${perMinute} messages a minute.`,
    place: 'agreement',
    expected: `at most ${perMinute} a minute`,
    retryAfterSeconds: Math.max(1, Math.ceil(60 / perMinute)),
  });
