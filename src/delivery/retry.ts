import type { RetryRule } from '../registry/model.js';

/**
 * When to try again after `attempts` tries: the delay doubles up to its limit and half of it is random, so that what
 * failed together does not come back together. A receiver's own Retry-After is the least. Null: no try is left.
 */
export function nextAttempt(
  rule: RetryRule,
  attempts: number,
  retryAfterMs: number | null,
  random: () => number,
  now: Date,
): Date | null {
  if (attempts >= rule.attempts) return null;
  const full = Math.min(rule.maxDelayMs, rule.firstDelayMs * 2 ** Math.max(0, attempts - 1));
  const delay = full / 2 + (full / 2) * random();
  return new Date(now.getTime() + Math.ceil(Math.max(delay, retryAfterMs ?? 0)));
}
