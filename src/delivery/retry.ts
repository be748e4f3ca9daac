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

/** Nobody tells when the owner has renewed it: what waits looks again after a tenth of the time it has waited. */
const LOOKS = { least: 30_000, most: 900_000, part: 0.1 };

/** When a delivery that an expired certificate holds is tried again; it burns no attempt. */
export function nextLook(acceptedAt: Date, now: Date): Date {
  const waited = now.getTime() - acceptedAt.getTime();
  return new Date(now.getTime() + Math.min(LOOKS.most, Math.max(LOOKS.least, waited * LOOKS.part)));
}
