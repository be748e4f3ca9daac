import { nextMorning, wholePeriod } from './schedule.js';

const at = (text: string) => new Date(text);

describe('7. when reports are sent, and of which days they are', () => {
  it.each([
    ['day', '2026-11-27T04:59:59Z', '2026-11-27T05:00:00.000Z'],
    ['day', '2026-11-27T05:00:00Z', '2026-11-28T05:00:00.000Z'],
    ['week', '2026-11-27T12:00:00Z', '2026-11-30T05:00:00.000Z'],
    ['week', '2026-11-30T05:00:00Z', '2026-12-07T05:00:00.000Z'],
    ['month', '2026-12-01T05:00:00Z', '2027-01-01T05:00:00.000Z'],
    ['month', '2028-02-28T12:00:00Z', '2028-03-01T05:00:00.000Z'],
  ] as const)('7. each %s, after %s: %s', (every, after, next) => {
    expect(nextMorning(every, at(after)).toISOString()).toBe(next);
  });

  it.each([
    ['day', '2026-11-27T05:00:00Z', '2026-11-26', '2026-11-26'],
    ['week', '2026-11-30T05:00:00Z', '2026-11-23', '2026-11-29'],
    ['week', '2026-12-03T17:00:00Z', '2026-11-23', '2026-11-29'],
    ['month', '2026-12-01T05:00:00Z', '2026-11-01', '2026-11-30'],
    ['month', '2028-03-15T12:00:00Z', '2028-02-01', '2028-02-29'],
    ['month', '2027-01-01T05:00:00Z', '2026-12-01', '2026-12-31'],
  ] as const)('7. each %s, on %s: of %s to %s', (every, now, from, to) => {
    expect(wholePeriod(every, at(now))).toEqual({ from, to });
  });
});
