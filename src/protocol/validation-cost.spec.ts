import { readdirSync, readFileSync } from 'node:fs';
import type { SchemaBundle } from '../message/document.js';
import { jsonCost } from './json/cost.js';
import { isSwift } from './validation-cost.js';
import { xsdCost } from './xml/cost.js';
import { patternCost } from './xml/pattern-cost.js';

let made = 0;
const json = (schema: object): SchemaBundle => ({
  key: `json ${made++}`,
  kind: 'json-schema',
  entry: 'main',
  documents: { main: JSON.stringify(schema) },
});
const xsd = (content: string): SchemaBundle => ({
  key: `xsd ${made++}`,
  kind: 'xsd',
  entry: 'main',
  documents: {
    main: `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${content}</xs:schema>`,
  },
});
const steps = (pattern: string) => {
  const { factor, degree } = patternCost(pattern);
  return factor * 1_000 ** degree;
};

describe('how long a validation may take', () => {
  it.each([
    '[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]',
    'c_[a-z][0-9]{3}|[a-z]{1,5}_[a-z0-9]{2,10}',
    '-?[0-9]+(\\.[0-9]{1,2})?',
    '\\p{L}[\\p{L} \\-]{0,40}',
    '[a-z-[aeiou]]+',
    '([0-9a-f]{4}-){3}[0-9a-f]{12}',
    '(AG|AL|AN)',
  ])('6: the pattern %s is swift', (pattern) => expect(steps(pattern)).toBeLessThanOrEqual(1_000_000));

  it.each([
    '(.*a){12}',
    '(a|aa)*b',
    '((a{0,9}){0,9}){0,9}b',
    '(a+)+',
    '(a?){30}a{30}',
    '[^@]+@[^@]+\\.[^@]+@.+',
    'a{0,99}a{0,99}a{0,99}b',
    '(((',
    'a)b',
  ])('6: the pattern %s may take long', (pattern) => expect(steps(pattern)).toBeGreaterThan(1_000_000));

  it('6: a JSON Schema that comes back to itself by several ways has no bound; by one it has', () => {
    const branch = (name: string) => ({ properties: { x: { $ref: '#/$defs/A' } }, required: [name] });
    const many = { $ref: '#/$defs/A', $defs: { A: { anyOf: ['a', 'b', 'c'].map(branch) } } };
    expect(jsonCost(json(many)).factor).toBe(Infinity);
    const overlapping = {
      properties: { a: { $ref: '#' } },
      patternProperties: { '^a': { $ref: '#' } },
    };
    expect(jsonCost(json(overlapping)).factor).toBe(Infinity);
    const tree = { properties: { name: { type: 'string' }, children: { items: { $ref: '#' } } } };
    expect(jsonCost(json(tree))).toEqual({ factor: 1, degree: 1 });
    const list = { oneOf: [{ type: 'null' }, { properties: { next: { $ref: '#' } } }] };
    expect(jsonCost(json(list))).toEqual({ factor: 2, degree: 1 });
  });

  it('6: a JSON Schema that doubles at every level costs what it doubles to, and is judged at once', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => {
        const next = { $ref: `#/$defs/L${n + 1}` };
        return [`L${n}`, n === 39 ? {} : { anyOf: [{ properties: { x: next } }, { properties: { x: next } }] }];
      }),
    );
    const start = performance.now();
    expect(jsonCost(json({ $ref: '#/$defs/L0', $defs })).factor).toBeGreaterThan(2 ** 38);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('6: many patterns, a long schema, items that may be equal and much repetition are not swift', () => {
    const properties = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`p${n}`, { pattern: `^${n}$` }]));
    expect(isSwift(json({ properties }), 100)).toBe(false);
    expect(isSwift(json({ description: 'x'.repeat(70_000) }), 100)).toBe(false);
    const unique = json({ items: {}, uniqueItems: true });
    expect([isSwift(unique, 1_000), isSwift(unique, 60_000)]).toEqual([true, false]);
    expect(isSwift(json({ items: { type: 'string' }, uniqueItems: true }), 60_000)).toBe(true);
    expect(isSwift(xsd('<xs:element name="a" maxOccurs="100000"/>'), 100)).toBe(false);
    expect(isSwift(xsd('<xs:element name="a" maxOccurs="unbounded"/>'), 16_000)).toBe(true);
    expect(isSwift(xsd('<xs:unique name="u"/>'), 16_000)).toBe(false);
  });

  it('6: patterns are found however they are written; one that cannot be read may take long', () => {
    const at = (tag: string) => xsdCost(xsd(tag)).factor;
    expect(at('<xs:pattern value="(a+)+"/>')).toBe(Infinity);
    expect(at("<x-1:pattern id='p>'\n value = '(a&#43;)+'/>")).toBe(Infinity);
    expect(at('<xs:pattern/>')).toBe(Infinity);
    expect(at('<xs:pattern value="[0-9]{5}"/>')).toBe(1);
  });

  it('6: what the project publishes is swift at the size of its messages', () => {
    const read = (directory: string, kind: SchemaBundle['kind'], ends: string) =>
      readdirSync(`schemas/${directory}/1.0`)
        .filter((name) => name.endsWith(ends))
        .map((name) => [name, readFileSync(`schemas/${directory}/1.0/${name}`, 'utf8'), kind] as const);
    const documents = Object.fromEntries(
      ['anagrafe', 'comune', 'protocollo', 'suap', 'tributi'].flatMap((one) =>
        read(one, 'xsd', '.xsd').map(([name, text]) => [name, text]),
      ),
    );
    const whole: SchemaBundle = { key: 'published', kind: 'xsd', entry: 'anagrafe.xsd', documents };
    expect(isSwift(whole, 16_384)).toBe(true);
  });
});
