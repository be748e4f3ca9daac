import type { KeyPath } from '../../message/business-key.js';
import { jsonPathProblem } from './keys.js';
import { openJsonInThread } from './open.js';

const path = (jsonPath: string, name = 'key'): KeyPath => ({ name, xpath: null, namespaces: {}, jsonPath });
const keysIn = (value: unknown, keys: readonly KeyPath[], member?: string) =>
  openJsonInThread(Buffer.from(JSON.stringify(value)), { maxDepth: 100, maxNodes: 400_000 }).examine({
    ...{ schema: null, extract: {}, keys },
    ...(member && { member }),
  }).keys;

describe('business keys of JSON', () => {
  it('4: are read from values, also inside an event', () => {
    const value = { person: { code: 'rss mra' }, list: [{ n: 7 }, { n: 'b', x: {} }] };
    const keys = [path('$.person.code'), path('$.list[*].n', 'n'), path('$..x', 'objects are none')];
    const found = [
      { name: 'key', value: 'RSSMRA' },
      { name: 'n', value: '7' },
      { name: 'n', value: 'B' },
    ];
    expect(keysIn(value, keys)).toEqual(found);
    expect(keysIn({ id: '1', data: value }, keys, 'data')).toEqual(found);
  });

  it('4: are at most ten of a path, however long the list', () => {
    const list = Array.from({ length: 100_000 }, (_, n) => ({ n }));
    expect(keysIn({ list }, [path('$..n')])).toHaveLength(10);
  });

  it.each([
    ['person.code', 'no JSONPath'],
    ['$[?match(@.a, "(a+)+")]', 'visits too much'],
    ['$.l[?count($.l[?count($.l[*])>99999])>99999]', 'visits too much'],
    ['$[ ?@.a]', 'visits too much'],
    ['$..a..b', 'visits too much'],
  ])('4: %s is no path for keys', (jsonPath, said) => {
    expect(jsonPathProblem(jsonPath)).toContain(said);
    for (const fine of ['$..a', "$['why?'][0].b[*]", '$.a[1:3]'])
      expect([fine, jsonPathProblem(fine)]).toEqual([fine, null]);
  });
});
