import { Fault } from '../message/fault.js';
import { filtersIn, pageIn } from './filter-schemas.js';

const named = (name: string, filter = 'state=REJECTED') => ({ name, filter });
const many = (count: number) => Array.from({ length: count }, (_, n) => named(`n${n}`));

function placeOf(check: () => unknown): unknown {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof Fault && [error.code, error.info.place];
  }
}

describe('filters that an operator saves', () => {
  it('2. are twenty at most, of 80 and 2,000 characters', () => {
    const filters = [...many(19), named('🙂'.repeat(80), '🙂'.repeat(2_000))];
    expect(filtersIn({ filters })).toEqual(filters);
    expect(filtersIn({ filters: [] })).toEqual([]);
  });

  it.each([
    ['no body', undefined, 'body'],
    ['no filters', {}, 'filters'],
    ['one too many', { filters: many(21) }, 'filters'],
    ['one name twice', { filters: [named('a'), named('a', 'q=1')] }, 'filters'],
    ['no name', { filters: [named('')] }, 'filters.0.name'],
    ['a long name', { filters: [named('n'.repeat(81))] }, 'filters.0.name'],
    ['a long filter', { filters: [named('a', 'f'.repeat(2_001))] }, 'filters.0.filter'],
    ['NUL', { filters: [named('a\u0000')] }, 'filters.0.name'],
    ['half a character', { filters: [named('a', '\ud83d')] }, 'filters.0.filter'],
    ['another’s', { filters: [{ ...named('a'), operator: 'bruno' }] }, 'filters.0.operator'],
    ['a page within', { filters: [], page: 'audit' }, 'page'],
  ])('2. are refused with %s', (_what, body, place) => {
    expect(placeOf(() => filtersIn(body))).toEqual(['parameter-wrong', place]);
  });

  it('2. are of a page of the console', () => {
    expect(pageIn('dead-letters')).toBe('dead-letters');
    for (const page of ['', '../messages', 'Messages', 'a'.repeat(41)])
      expect([page, placeOf(() => pageIn(page))]).toEqual([page, ['parameter-wrong', 'page']]);
  });
});
