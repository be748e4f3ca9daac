import type { Grain } from './ports.js';

const HOUR_MS = 3_600_000;

/** How far back a view looks, and in which steps. */
export const PERIODS = {
  '1h': { ms: HOUR_MS, grain: 'minute' },
  '24h': { ms: 24 * HOUR_MS, grain: 'hour' },
  '7d': { ms: 7 * 24 * HOUR_MS, grain: 'hour' },
  '30d': { ms: 30 * 24 * HOUR_MS, grain: 'day' },
} as const satisfies Record<string, { readonly ms: number; readonly grain: Grain }>;

export type Period = keyof typeof PERIODS;
export const PERIOD_NAMES = Object.keys(PERIODS) as readonly Period[];

/** What of the statistics a period is made of, up to now. */
export function rangeOf(period: Period, now: Date): { readonly grain: Grain; readonly from: Date; readonly to: Date } {
  const { ms, grain } = PERIODS[period];
  return { grain, from: new Date(now.getTime() - ms), to: now };
}
