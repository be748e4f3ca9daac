import fc from 'fast-check';
import { nextAttempt, nextLook } from './retry.js';

const NOW = new Date('2026-11-23T09:00:00Z');
const rule = { attempts: 6, firstDelayMs: 1_000, maxDelayMs: 5_000 };
const delay = (attempts: number, random: number, retryAfterMs: number | null = null) => {
  const next = nextAttempt(rule, attempts, retryAfterMs, () => random, NOW);
  return next && next.getTime() - NOW.getTime();
};

describe('nextAttempt', () => {
  it('9: doubles the delay up to its limit', () => {
    expect([1, 2, 3, 4, 5].map((attempts) => delay(attempts, 1))).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('9: draws at most half of the delay by lot', () => {
    expect([0, 0.5, 1].map((random) => delay(3, random))).toEqual([2_000, 3_000, 4_000]);
  });

  it('9: gives no time once the attempts are used up', () => {
    expect([5, 6, 7].map((attempts) => delay(attempts, 1) !== null)).toEqual([true, false, false]);
  });

  it('waits at least as long as the receiver asks', () => {
    expect(delay(1, 1, 60_000)).toBe(60_000);
    expect(delay(5, 0, 1_000)).toBe(2_500);
  });

  it('stays between half the limit and the limit however many attempts there were', () => {
    const many = { attempts: 10_000, firstDelayMs: 1_000, maxDelayMs: 3_600_000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 13, max: 9_999 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, random) => {
          const next = nextAttempt(many, attempts, null, () => random, NOW) as Date;
          expect(next.getTime() - NOW.getTime()).toBeGreaterThanOrEqual(1_800_000);
          expect(next.getTime() - NOW.getTime()).toBeLessThanOrEqual(3_600_000);
        },
      ),
    );
  });
});

describe('nextLook', () => {
  const after = (waited: number) => nextLook(new Date(NOW.getTime() - waited), NOW).getTime() - NOW.getTime();
  it.each([
    [0, 30_000],
    [-60_000, 30_000],
    [300_000, 30_000],
    [3_600_000, 360_000],
    [86_400_000, 900_000],
  ])('1: what an expired certificate has held for %i ms is tried again in %i ms', (waited, next) =>
    expect(after(waited)).toBe(next),
  );
});
