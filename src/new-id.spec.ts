import { validate, version } from 'uuid';
import { newId } from './new-id.js';

describe('newId', () => {
  it('makes UUIDs of version 7, each greater than the one before, over many draws', () => {
    const ids = Array.from({ length: 3_000 }, newId);
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids.map((id) => id.slice(-12))).size).toBe(3_000);
  });

  it('carries the time of its making, in milliseconds', () => {
    const before = Date.now();
    const made = Number.parseInt(newId().replace('-', '').slice(0, 12), 16);
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(Date.now());
  });
});
