import fc from 'fast-check';
import { topMembers } from './members.js';

const slices = (text: string) => topMembers(text)?.map(({ name, start, end }) => [name, text.slice(start, end)]);

describe('topMembers', () => {
  it('keeps values as they were written', () => {
    expect(slices(' { "a" : 1.10 ,"\\u0062":{"x":[1,"}]\\"",2]} , "c":"\\\\" , "d" : null}\n')).toEqual([
      ['a', '1.10'],
      ['b', '{"x":[1,"}]\\"",2]}'],
      ['c', '"\\\\"'],
      ['d', 'null'],
    ]);
    expect(topMembers('{}')).toEqual([]);
    expect(topMembers('[1]')).toBeNull();
    expect(topMembers('"a"')).toBeNull();
  });

  it('agrees with JSON.parse on any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const entries = slices(text)?.map(([name, slice]) => [name, JSON.parse(slice ?? '')]);
        expect(entries).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });
});
