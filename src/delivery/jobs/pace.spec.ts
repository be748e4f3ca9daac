import { createPace } from './pace.js';

const takenOver = (rate: number, everyMs: number, turns: number) => {
  const pace = createPace();
  return Array.from({ length: turns }, (_, turn) => pace.take(rate, 1_000 + turn * everyMs));
};
const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);

describe('pace of a job', () => {
  it.each([
    [1, 250, 41, 11],
    [50, 250, 41, 501],
    [1_000, 250, 41, 10_001],
    [3, 1_000, 11, 31],
  ])('5: %i a second in turns of %i ms: %i turns do %i items', (rate, everyMs, turns, expected) => {
    expect(sum(takenOver(rate, everyMs, turns))).toBe(expected);
  });

  it('5: begins at once, and a long silence makes no flood', () => {
    const pace = createPace();
    expect(pace.take(20, 0)).toBe(1);
    expect(pace.take(20, 3_600_000)).toBe(20);
    expect(pace.take(20, 3_600_000)).toBe(0);
  });

  it('5: does at most 250 in one turn', () => {
    const pace = createPace();
    pace.take(1_000, 0);
    expect(pace.take(1_000, 10_000)).toBe(250);
  });

  it('5: follows a change of the rate', () => {
    const pace = createPace();
    expect([pace.take(100, 0), pace.take(100, 1_000), pace.take(2, 1_500), pace.take(2, 2_000)]).toEqual([
      1, 100, 1, 1,
    ]);
  });
});
