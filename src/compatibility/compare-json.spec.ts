import type { SchemaBundle } from '../message/document.js';
import { compareJsonSchemas } from './compare-json.js';

const json = (schema: object): SchemaBundle => {
  const text = JSON.stringify(schema);
  return { key: text, kind: 'json-schema', entry: 'entry', documents: { entry: text } };
};

/** `!removed /a`: a change that breaks; without `!` one that does not. */
function between(before: SchemaBundle, after: SchemaBundle): readonly string[] {
  const changes: string[] = [];
  compareJsonSchemas(before, after, (kind, breaking, place) => changes.push(`${breaking ? '!' : ''}${kind} ${place}`));
  return changes;
}

describe('JSON Schema payloads', () => {
  const properties = (a: object, more: object = {}) => ({ type: 'object', properties: { a }, ...more });

  it.each<[string, object, object, string[]]>([
    ['a member gone', properties({}), { type: 'object' }, ['!removed /a']],
    ['an optional member', { type: 'object' }, properties({}), ['added /a']],
    ['a required member', { type: 'object' }, properties({}, { required: ['a'] }), ['!added /a']],
    ['a member made required', properties({}), properties({}, { required: ['a'] }), ['!changed /a']],
    ['a member made optional', properties({}, { required: ['a'] }), properties({}), ['changed /a']],
    ['a type narrowed', properties({ type: ['string', 'null'] }), properties({ type: 'string' }), ['!changed /a']],
    ['a type widened', properties({ type: 'integer' }), properties({ type: 'number' }), ['changed /a']],
    ['a number made an integer', properties({ type: 'number' }), properties({ type: 'integer' }), ['!changed /a']],
    ['a first type', properties({}), properties({ type: 'string' }), ['!added /a']],
    ['no type any more', properties({ type: 'string' }), properties({}), ['removed /a']],
    ['a value gone', properties({ enum: [1, 2] }), properties({ enum: [1] }), ['!removed /a']],
    ['a value more', properties({ enum: [1] }), properties({ enum: [1, 2] }), ['added /a']],
    ['a first enumeration', properties({}), properties({ enum: [1] }), ['!added /a']],
    ['a constant made an enumeration', properties({ const: 1 }), properties({ enum: [1, 2] }), ['added /a']],
    ['a longer minLength', properties({ minLength: 1 }), properties({ minLength: 2 }), ['!changed /a']],
    ['a minLength of nothing', properties({}), properties({ minLength: 0 }), []],
    ['a shorter maxLength', properties({ maxLength: 9 }), properties({ maxLength: 8 }), ['!changed /a']],
    ['a longer maxLength', properties({ maxLength: 8 }), properties({ maxLength: 9 }), ['changed /a']],
    ['a first maximum', properties({}), properties({ maximum: 1 }), ['!added /a']],
    ['no maximum any more', properties({ maximum: 1 }), properties({}), ['removed /a']],
    ['a finer multipleOf', properties({ multipleOf: 10 }), properties({ multipleOf: 5 }), ['changed /a']],
    ['another pattern', properties({ pattern: 'a' }), properties({ pattern: 'b' }), ['!changed /a']],
    ['a first format', properties({}), properties({ format: 'date' }), ['!added /a']],
    ['a closed object', properties({}), properties({}, { additionalProperties: false }), ['!changed /*']],
    ['an opened object', properties({}, { additionalProperties: false }), properties({}), ['changed /*']],
    ['items narrowed', { items: { maximum: 2 } }, { items: { maximum: 1 } }, ['!changed /[]']],
    ['fewer items', { maxItems: 2 }, { maxItems: 1 }, ['!changed /']],
    ['an alternative gone', { oneOf: [{ type: 'null' }, { maximum: 2 }] }, { oneOf: [{ maximum: 2 }] }, ['!removed /']],
    ['an alternative more', { anyOf: [{ maximum: 2 }] }, { anyOf: [{ type: 'null' }, { maximum: 2 }] }, ['added /']],
    ['an alternative narrowed', { anyOf: [{ maximum: 2 }] }, { anyOf: [{ maximum: 1 }] }, ['!changed /']],
    ['first alternatives', {}, { anyOf: [{ maximum: 2 }] }, ['!added /']],
    ['a rule that is not understood', { not: { const: 1 } }, { not: { const: 2 } }, ['!changed /']],
    ['nothing allowed any more', properties({}), { type: 'object', properties: { a: false } }, ['!added /a']],
    ['another title', { title: 'a' }, { title: 'b', description: 'x' }, []],
    [
      'the same behind a $ref',
      properties({ type: 'string' }),
      { ...properties({ $ref: '#/$defs/s' }), $defs: { s: { type: 'string' } } },
      [],
    ],
    [
      'the same in allOf',
      properties({ type: 'string' }),
      { allOf: [{ type: 'object' }, properties({ type: 'string' })] },
      [],
    ],
  ])('3: %s', (_name, before, after, changes) => {
    expect(between(json(before), json(after))).toEqual(changes);
  });

  it('3: follows references in circles and from document to document', () => {
    const node = (maximum: number): SchemaBundle => ({
      key: `${maximum}`,
      kind: 'json-schema',
      entry: 'a.json',
      documents: {
        'a.json': JSON.stringify({ properties: { next: { $ref: 'b.json#/$defs/n%20' } } }),
        'b.json': JSON.stringify({ $defs: { 'n ': { properties: { back: { $ref: 'a.json' }, value: { maximum } } } } }),
      },
    });
    expect(between(node(2), node(1))).toEqual(['!changed /next/value']);
  });
});
