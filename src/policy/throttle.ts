import { RateLimiter } from 'limiter';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { Agreement } from '../registry/model.js';
import type { Authorised, Route } from './stages.js';

const MINUTE_MS = 60_000;
/** Agreements with a rate limit that are kept in mind; one that was idle that long has its whole burst again anyway. */
const MAX_LIMITERS = 50_000;

/** Holds each agreement to its rate on this node. */
export interface Throttle {
  /** Throws rate-limited. */
  take(authorised: Authorised): Authorised;
  /** ModI ROBUSTEZZA_001: `X-RateLimit-Limit`, `-Remaining`, `-Reset` (seconds) of the agreement with the least left. */
  headers(routes: readonly Route[]): Readonly<Record<string, string>>;
}

export function createThrottle(): Throttle {
  const limiters = new LRUCache<string, RateLimiter>({ max: MAX_LIMITERS });
  const limiterOf = ({ id }: Agreement, perMinute: number) => {
    const key = `${id} ${perMinute}`;
    const known = limiters.get(key) ?? new RateLimiter({ tokensPerInterval: perMinute, interval: MINUTE_MS });
    limiters.set(key, known);
    return known;
  };
  const limited = (routes: readonly Route[]) =>
    routes.flatMap(({ agreement }) => {
      const { perMinute } = agreement;
      return perMinute === null ? [] : [{ agreement, perMinute, limiter: limiterOf(agreement, perMinute) }];
    });
  return {
    take: (authorised) => {
      for (const { agreement, perMinute, limiter } of limited(authorised.routes))
        if (!limiter.tryRemoveTokens(1)) throw tooFast(agreement, perMinute);
      return authorised;
    },
    headers: (routes) => {
      const left = limited(routes).map(({ perMinute, limiter }) => ({ perMinute, left: limiter.getTokensRemaining() }));
      const [least] = left.sort((a, b) => a.left - b.left);
      return least ? rateHeaders(least) : {};
    },
  };
}

const rateHeaders = ({ perMinute, left }: { readonly perMinute: number; readonly left: number }) => ({
  'x-ratelimit-limit': String(perMinute),
  'x-ratelimit-remaining': String(Math.floor(left)),
  'x-ratelimit-reset': String(Math.ceil(((perMinute - left) / perMinute) * (MINUTE_MS / 1000))),
});

const tooFast = ({ id }: Agreement, perMinute: number) =>
  new Fault('rate-limited', {
    detail: `Agreement ${id} allows ${perMinute} messages a minute.`,
    place: 'agreement',
    expected: `at most ${perMinute} a minute`,
    retryAfterSeconds: Math.max(1, Math.ceil(60 / perMinute)),
  });
