import { BOUNDS, histogramOf, percentile, percentiles } from './latency.js';

/** As width_bucket of PostgreSQL does. */
const bucketOf = (ms: number) => BOUNDS.filter((bound) => bound <= ms).length;
const of = (values: readonly number[]) => histogramOf(values.map((ms) => ({ bucket: bucketOf(ms), count: 1 })));

describe('latency', () => {
  it('7: buckets grow by a quarter and reach beyond the longest life of a delivery', () => {
    expect(BOUNDS).toHaveLength(90);
    for (const [at, bound] of BOUNDS.entries()) if (at > 0) expect(bound / BOUNDS[at - 1]!).toBeLessThanOrEqual(1.29);
    expect(BOUNDS.at(-1)! * 1.25).toBeGreaterThan(5 * 86_400_000);
  });

  it.each([
    [1, 1_000],
    [5, 300],
    [60_000, 4_000_000],
  ])('7: percentiles of %i to %i ms are right to an eighth', (from, to) => {
    const values = Array.from({ length: 10_000 }, (_, at) => from + ((to - from) * at) / 10_000);
    for (const share of [0.5, 0.95, 0.99]) {
      const real = from + (to - from) * share;
      expect(Math.abs(percentile(of(values), share)! / real - 1)).toBeLessThan(0.125);
    }
  });

  it('7: percentiles of merged histograms are those of all values', () => {
    const [one, other] = [
      [3, 40, 500],
      [7, 80, 9_000],
    ].map((values) => values.map((ms) => ({ bucket: bucketOf(ms), count: 1 })));
    expect(percentiles(histogramOf([...one!, ...other!]))).toEqual(percentiles(of([3, 40, 500, 7, 80, 9_000])));
  });

  it('7: of nothing there is no percentile, and rows without a latency are nothing', () => {
    expect(percentiles(histogramOf([{ bucket: -1, count: 5 }]))).toEqual({ p50: null, p95: null, p99: null });
  });
});
