import { parseJsonDocument, parseYaml } from './json-documents.js';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefgh'].map((name, at) =>
  at === 0
    ? name
    : `${name}: &${name} [${Array(9)
        .fill(`*${'abcdefgh'[at - 1]}`)
        .join(', ')}]`,
);

describe('documents of interfaces and of the registry', () => {
  it.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, escaped', '{"a":1,"\\u0061":2}'],
    ['a name of the prototype', '{"__proto__":{"x":1}}'],
    ['more levels than allowed', deep(201)],
    ['no JSON', '{"a":'],
  ])('6: refuses JSON with %s', (_, text) => expect(() => parseJsonDocument(text, true)).toThrow());

  it.each([
    ['a name twice', 'a: 1\na: 2'],
    ['a name of the prototype', '__proto__: { x: 1 }'],
    ['more levels than allowed', deep(201)],
    ['an alias bomb', laughs.join('\n')],
    ['an anchor inside itself', 'a: &a { b: *a }'],
    ['no YAML', 'a: [1'],
  ])('6: refuses YAML with %s', (_, text) => expect(() => parseYaml(text, true)).toThrow());

  it('6: leaves the prototypes of this process alone', () => {
    expect(parseYaml('constructor: { prototype: { polluted: 1 } }', true).value).toBeDefined();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
