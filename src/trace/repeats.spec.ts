import { createRepeats } from './repeats.js';

describe('what repeats', () => {
  it('is told once in its time, with how often it was left out, and something else at once', () => {
    let at = 0;
    const repeats = createRepeats(60_000, () => at);
    expect([repeats('relay', 'away'), repeats('sweep', 'away')]).toEqual([0, 0]);
    at = 500;
    expect([repeats('relay', 'away'), repeats('relay', 'away'), repeats('relay', 'full')]).toEqual([null, null, 2]);
    at = 1_000;
    expect([repeats('relay', 'full'), repeats('relay', 'away')]).toEqual([null, 1]);
    at = 61_000;
    expect([repeats('relay', 'away'), repeats('sweep', 'away')]).toEqual([0, 0]);
  });
});
