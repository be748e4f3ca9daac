import type { Fault } from '../../message/fault.js';
import { reachOf, searchFor, searchOf, STATES, type DeliveryFilter } from './filter.js';

const NOW = new Date('2026-11-27T02:00:00Z');
const ID = '019a0000-0000-7000-8000-000000000000';

describe('filter of deliveries', () => {
  it.each([
    [{ states: ['FAILED', 'CANCELLED'] }, 'dead'],
    [{ states: ['QUEUED', 'DELIVERING', 'SUSPENDED'] }, 'open'],
    [{ states: ['FAILED', 'QUEUED'] }, 'window'],
    [{ states: ['DELIVERED'] }, 'window'],
    [{ states: STATES, ids: [ID] }, 'named'],
  ] as const)('5: %j goes by %s', (search, reach) => {
    expect(reachOf(search)).toBe(reach);
  });

  it('5: looks through the last 7 days where it would go through everything', () => {
    expect(searchOf({}, NOW)).toEqual({ states: STATES, acceptedAfter: '2026-11-20T02:00:00.000Z' });
    const before = '2026-10-10T00:00:00Z';
    expect(searchOf({ acceptedBefore: before }, NOW).acceptedAfter).toBe('2026-10-03T00:00:00.000Z');
    expect(searchOf({ states: ['FAILED'] }, NOW)).toEqual({ states: ['FAILED'] });
    expect(searchOf({ ids: [ID] }, NOW)).toEqual({ states: STATES, ids: [ID] });
  });

  it.each([
    ['2026-10-27T02:00:00Z', null],
    ['2026-10-27T01:59:59Z', 'filter-too-wide'],
    ['1970-01-01T00:00:00Z', 'filter-too-wide'],
  ])('5: since %s: %s', (acceptedAfter, code) => {
    const refused = ((): unknown => {
      try {
        return searchOf({ acceptedAfter }, NOW) && null;
      } catch (error) {
        return (error as Fault).code;
      }
    })();
    expect(refused).toBe(code);
  });

  it.each([
    ['retry', false, {}, { states: ['FAILED', 'EXPIRED'], endedBefore: NOW.toISOString() }],
    ['retry', false, { states: ['CANCELLED'] }, { states: ['CANCELLED'], endedBefore: NOW.toISOString() }],
    ['retry', false, { endedBefore: 'x' }, { states: ['FAILED', 'EXPIRED'], endedBefore: 'x' }],
    ['cancel', false, { receiver: 'c' }, { receiver: 'c', acceptedBefore: NOW.toISOString() }],
    ['retry', true, {}, { states: ['FAILED', 'EXPIRED', 'DELIVERED'], acceptedAfter: '2026-11-20T02:00:00.000Z' }],
    ['retry', false, { ids: [ID] }, { ids: [ID], states: STATES }],
  ] as const)('5: %s, again %s, of %j is meant for %j', (action, again, filter: DeliveryFilter, expected) => {
    expect(searchFor(action, again, filter, NOW)).toMatchObject(expected);
  });
});
