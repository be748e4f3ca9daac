import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel';
import { retryAfter } from '../delivery/channels/retry-after.js';
import type { HttpAnswer } from '../delivery/http-exchange.js';
import { Fault } from '../message/fault.js';

export interface RetryBounds {
  readonly deadline: Date;
  /** Ends the pause between two calls; what is thrown then is its reason. */
  readonly signal: AbortSignal;
  /** True where the last call failed before a byte of an answer had come. */
  readonly isUnanswered: () => boolean;
}

const RETRIES = 2;
const BACKOFF = new ExponentialBackoff({ generator: halfJitterGenerator, initialDelay: 100, maxDelay: 1_000 });

/** Statuses of a provider that cannot answer now, or of what stands before it (RFC 9110 §15.6.3 to §15.6.5). */
export const isUnavailable = ({ status }: Pick<HttpAnswer, 'status'>): boolean => status >= 502 && status <= 504;

/**
 * Calls again, twice at most, where the provider could not be reached, broke the connection or is unavailable, and
 * only where the pause ends before the deadline; the provider's own Retry-After is the least. The loop is our own
 * because the library's retry sleeps on when it is aborted and knows no deadline.
 */
export async function withRetries(call: () => Promise<HttpAnswer>, bounds: RetryBounds): Promise<HttpAnswer> {
  const { deadline, signal } = bounds;
  let backoff = BACKOFF.next();
  for (let left = RETRIES; ; left -= 1) {
    const end = await call().catch((error: unknown) => ({ error }));
    const delay = Math.max(backoff.duration, leastDelay(end));
    if (left > 0 && mayRepeat(end, bounds) && Date.now() + delay < deadline.getTime()) await pause(delay, signal);
    else if ('error' in end) throw end.error;
    else return end;
    backoff = backoff.next(undefined);
  }
}

/** By the global timers, whose clock a test can turn; those of `node:timers/promises` go on by themselves. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

type End = HttpAnswer | { readonly error: unknown };

const leastDelay = (end: End): number =>
  ('error' in end ? undefined : retryAfter(end.headers['retry-after'], new Date())) ?? 0;

function mayRepeat(end: End, { isUnanswered }: RetryBounds): boolean {
  if (!('error' in end)) return isUnavailable(end);
  if (!(end.error instanceof Fault)) return false;
  const { code } = end.error;
  return code === 'receiver-unreachable' || (code === 'receiver-error' && isUnanswered());
}
