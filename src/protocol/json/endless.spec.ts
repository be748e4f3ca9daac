import { compileJsonSchema } from './schema.js';

const compile = (schema: object, others: Readonly<Record<string, object>> = {}) =>
  compileJsonSchema({
    key: JSON.stringify([schema, others]),
    kind: 'json-schema',
    entry: 'a.json',
    documents: Object.fromEntries(
      Object.entries({ 'a.json': schema, ...others }).map(([name, one]) => [name, JSON.stringify(one)]),
    ),
  });

const loop = (word: object) => ({ properties: { deep: { $ref: '#/$defs/Loop' } }, $defs: { Loop: word } });
const DRAFT_07 = { $schema: 'http://json-schema.org/draft-07/schema#' };

describe('schemas without end', () => {
  it.each<[string, object]>([
    ['allOf with itself', { allOf: [{ $ref: '#' }] }],
    ['a reference to itself', loop({ $ref: '#/$defs/Loop', title: 'Loop' })],
    ['anyOf', loop({ anyOf: [{ type: 'string' }, { $ref: '#/$defs/Loop' }] })],
    ['not', loop({ not: { $ref: '#/$defs/Loop' } })],
    ['then', loop({ if: { type: 'object' }, then: { $ref: '#/$defs/Loop' } })],
    ['dependentSchemas', loop({ dependentSchemas: { a: { $ref: '#/$defs/Loop' } } })],
    ['dependencies', { ...DRAFT_07, dependencies: { a: { $ref: '#' } } }],
    ['an anchor', loop({ $anchor: 'here', oneOf: [{ $ref: '#here' }] })],
    ['a dynamic anchor', { $dynamicAnchor: 'node', allOf: [{ $dynamicRef: '#node' }] }],
  ])('1: %s is refused', (_what, schema) => {
    expect(() => compile(schema)).toThrow('applies itself to the same value without end');
  });

  it('1: two documents that lead to one another are refused', () => {
    const other = { $defs: { b: { allOf: [{ $ref: 'a.json' }] } } };
    expect(() => compile({ $ref: 'b.json#/$defs/b' }, { 'b.json': other })).toThrow('without end');
  });

  it('1: a tree, a list of itself and one schema used twice are right', () => {
    const tree = {
      type: 'object',
      allOf: [{ $ref: '#/$defs/Named' }, { $ref: '#/$defs/Named' }],
      properties: { children: { type: 'array', items: { anyOf: [{ $ref: '#' }, { type: 'null' }] } } },
      $defs: { Named: { required: ['name'] } },
    };
    const validate = compile(tree);
    expect(validate({ name: 'a', children: [{ name: 'b' }, null] })).toBe(true);
    expect(validate({ name: 'a', children: [{}] })).toBe(false);
  });

  it('1: data that looks like a reference is none', () => {
    expect(
      compile({ const: { $ref: '#' }, properties: { allOf: { $ref: '#/$defs/a' } }, $defs: { a: {} } }),
    ).toBeTruthy();
  });
});
