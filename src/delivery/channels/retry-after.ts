const LONGEST_MS = 3_600_000;

/** Retry-After in milliseconds, seconds or an HTTP date (RFC 9110 §10.2.3), at most an hour; undefined where unusable. */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_MS, Math.max(0, ms));
}
