/** Ten to a decade, so that a percentile is right to about 12 %: the series R10 of preferred numbers (ISO 3). */
const STEPS = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8];
const DECADES = 9;

/** Lower bounds of the buckets 1, 2, ... in milliseconds, up to nine days; bucket 0 is below the first. */
export const BOUNDS: readonly number[] = Array.from({ length: DECADES }, (_, decade) =>
  STEPS.map((step) => Math.round(step * 10 ** decade * 100) / 100),
).flat();

/** How many fell into each bucket. */
export type Histogram = ReadonlyMap<number, number>;

/** Sums of rows by bucket; those without a latency (-1) are left out. */
export function histogramOf(rows: readonly { readonly bucket: number; readonly count: number }[]): Histogram {
  const all = new Map<number, number>();
  for (const { bucket, count } of rows) if (bucket >= 0) all.set(bucket, (all.get(bucket) ?? 0) + count);
  return all;
}

/** The latency in milliseconds below which the share (0 to 1) lies, evenly spread within its bucket; null where there is none. */
export function percentile(histogram: Histogram, share: number): number | null {
  const total = [...histogram.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    if (before + count >= share * total) return within(bucket, (share * total - before) / count);
    before += count;
  }
  return within(BOUNDS.length, 1);
}

function within(bucket: number, part: number): number {
  const from = bucket === 0 ? 0 : BOUNDS[bucket - 1]!;
  const to = BOUNDS[bucket] ?? from;
  const value = from + (to - from) * part;
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

export interface Percentiles {
  /** Milliseconds; null where nothing was delivered or answered. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export const percentiles = (histogram: Histogram): Percentiles => ({
  p50: percentile(histogram, 0.5),
  p95: percentile(histogram, 0.95),
  p99: percentile(histogram, 0.99),
});
