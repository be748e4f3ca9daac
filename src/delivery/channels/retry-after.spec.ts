import { retryAfter } from './retry-after.js';

const NOW = new Date('2026-11-23T09:00:00Z');

describe('retryAfter', () => {
  it.each([
    [undefined, undefined],
    ['0', 0],
    [' 120 ', 120_000],
    ['99999999999999999999', 3_600_000],
    ['Mon, 23 Nov 2026 09:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 08:00:00 GMT', 0],
    ['Mon, 23 Nov 2099 08:00:00 GMT', 3_600_000],
    ['-5x', undefined],
    ['', undefined],
  ])('9: reads %p as %p ms', (value, ms) => {
    expect(retryAfter(value, NOW)).toBe(ms);
  });
});
