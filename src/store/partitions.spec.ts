import { v7 as uuid } from 'uuid';
import { dayOf, dayRange, firstIdAt } from './partitions.js';

describe('dayRange', () => {
  it('covers every id of its day and none of another', () => {
    const start = Date.UTC(2026, 10, 23);
    const { name, from, to } = dayRange(new Date('2026-11-23T15:00:00Z'));
    expect(name).toBe('20261123');
    expect(uuid({ msecs: start }) >= from && uuid({ msecs: start + 86_399_999 }) < to).toBe(true);
    expect(uuid({ msecs: start - 1 }) < from && uuid({ msecs: start + 86_400_000 }) >= to).toBe(true);
  });

  it('meets the next day without a gap', () => {
    expect(dayRange(new Date('2026-12-31T23:59:59Z')).to).toBe(dayRange(new Date('2027-01-01T00:00:00Z')).from);
  });
});

describe('firstIdAt', () => {
  it('writes the milliseconds into the 48 leading bits', () => {
    expect(firstIdAt(0x0123456789ab)).toBe('01234567-89ab-0000-0000-000000000000');
  });
});

describe('dayOf', () => {
  it('names the day of a message, and none where no table can be of it', () => {
    const noon = Date.UTC(2026, 10, 23, 12);
    expect(dayOf(uuid({ msecs: noon }))).toBe(dayRange(new Date(noon)).name);
    expect(dayOf(uuid({ msecs: Date.UTC(10_000, 0) }))).toBeNull();
    expect(dayOf('no id')).toBeNull();
  });
});
