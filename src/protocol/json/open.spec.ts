import { cpuMs } from '../../../test/support/cpu.js';
import { createHash } from 'node:crypto';
import type { ExaminationOrder, SchemaBundle } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import { openJsonInThread } from './open.js';

const LIMITS = { maxDepth: 100, maxNodes: 400_000 };
const faultOf = (text: string | Buffer): Fault => {
  try {
    openJsonInThread(Buffer.from(text), LIMITS);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.toString().slice(0, 200)}`);
};
const bundle = (documents: Record<string, object>, entry = 'main.json'): SchemaBundle => {
  const texts = Object.fromEntries(Object.entries(documents).map(([name, schema]) => [name, JSON.stringify(schema)]));
  return { key: JSON.stringify(texts), kind: 'json-schema', entry, documents: texts };
};
const examine = (text: string, order: Partial<ExaminationOrder>) =>
  openJsonInThread(Buffer.from(text), LIMITS).examine({ schema: null, extract: {}, ...order });

const $schema = 'https://json-schema.org/draft/2020-12/schema';

describe('reading JSON', () => {
  it.each([
    ['', 'not-well-formed', 'line 1, column 1'],
    ['{"a": 1,\n "b": }', 'not-well-formed', 'line 2, column 7'],
    ['{"a": 1,}', 'not-well-formed', 'line 1, column 9'],
    ['// x\n{}', 'not-well-formed', 'line 1, column 1'],
    ['{} {}', 'not-well-formed', 'line 1, column 4'],
    ['{"a": 1,\n "\\u0061": 2}', 'not-well-formed', 'line 2, column 2'],
    ['[{"a": {}, "__proto__": {"b": 1}}]', 'not-well-formed', 'line 1, column 12'],
    ['{"constructor": {"prototype": {"b": 1}}}', 'not-well-formed', 'line 1, column 2'],
    ['<a/>', 'not-well-formed', 'line 1, column 1'],
    ['NaN', 'not-well-formed', 'line 1, column 1'],
    ['"a\nb"', 'not-well-formed', 'line 1, column 1'],
    ['\uFEFF{}', 'encoding-wrong', 'byte 0'],
    ['\n['.repeat(101), 'too-deep', 'line 102'],
    [`[${'0,'.repeat(400_000)}0]`, 'too-complex', 'line 1'],
    [`[${'"'.repeat(1)}${'\\"'.repeat(200_000)}`, 'not-well-formed', 'line 1, column 2'],
  ])('refuses case %#', (text, code, place) => {
    const { code: actual, info } = faultOf(text);
    expect([actual, info.place]).toEqual([code, place]);
  });

  it('refuses bytes that are not UTF-8, with the line', () => {
    const bytes = Buffer.concat([Buffer.from('{\n"a": "'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(faultOf(bytes).info.place).toBe('line 2');
    expect(faultOf(Buffer.from('{"a": 1}', 'utf16le')).code).toBe('not-well-formed');
  });

  it('reads what is right', () => {
    const text = '{"a": {"a": [{"a": "\\"}{"}, {"a": 1}]}, "constructor": "Rossi", "b": "a", "è": null}';
    expect(openJsonInThread(Buffer.from(text), LIMITS).value).toEqual(JSON.parse(text));
  });
});

describe('examining JSON', () => {
  const main = {
    $schema,
    $id: 'https://schemas.example/main.json',
    type: 'object',
    additionalProperties: false,
    required: ['id', 'name'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      name: { $ref: 'types.json#/$defs/name' },
      items: { type: 'array', items: { $ref: '#/$defs/item' } },
    },
    $defs: { item: { type: 'integer', minimum: 1 } },
  };
  const types = { $schema, $defs: { name: { type: 'string', pattern: '^[A-Z]+$' } } };
  const schema = bundle({ 'main.json': main, 'types.json': types });

  it('5: lists each error with pointer, line, column, rule and expectation', () => {
    const text = '{\n"id": "x",\n"items": [1,\n0, "a"],\n"a/b": 1}';
    const { violations } = examine(text, { schema });
    expect(
      violations.map(({ path, line, column, ...one }) => [path, line, column, one.rule, one.expected, one.found]),
    ).toEqual([
      ['/name', 1, 1, 'required', 'member name', null],
      ['/id', 2, 7, 'format', 'format uuid', 'x'],
      ['/items/1', 4, 1, 'minimum', '1 or more', '0'],
      ['/items/2', 4, 4, 'type', 'a value of type integer', 'a'],
      ['/a~1b', 5, 8, 'additionalProperties', 'no such member', 'an object with id, items, a/b'],
    ]);
    expect(violations[2]?.message).toBe('/items/1 is 0; expected is 1 or more.');
  });

  it('lists the first 100', () => {
    const items = JSON.stringify({ id: '0b0b9d2c-1a7e-4d0e-9e0b-0b9d2c1a7e10', name: 'A', items: Array(500).fill(0) });
    const { violations, truncated } = examine(items, { schema });
    expect([violations.length, truncated, violations[99]?.path]).toEqual([100, true, '/items/99']);
  });

  it('follows $id and draft-07', () => {
    const draft7 = bundle({
      'main.json': {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $ref: 'https://schemas.example/types#/definitions/n',
      },
      'a b.json': { $id: 'https://schemas.example/types', definitions: { n: { type: 'number' } } },
    });
    expect(examine('1', { schema: draft7 }).violations).toEqual([]);
    expect(examine('"1"', { schema: draft7 }).violations).toMatchObject([{ path: '', rule: 'type', line: 1 }]);
  });

  it('names references that the bundle does not hold', () => {
    const wrong = bundle({ 'main.json': { $ref: 'https://elsewhere.example/x.json#/a' } });
    expect(() => examine('1', { schema: wrong })).toThrow(/main\.json refers to .*elsewhere/);
  });

  it('tells the patterns of one schema apart', () => {
    const properties = { a: { pattern: '^a$' }, b: { pattern: '^b$' } };
    const two = bundle({ 'main.json': { properties } });
    expect(examine('{"a": "a", "b": "b"}', { schema: two }).violations).toEqual([]);
    expect(examine('{"a": "b", "b": "a"}', { schema: two }).violations.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it('does not hang on a hostile pattern', () => {
    const hostile = bundle({ 'main.json': { type: 'string', pattern: '^(a+)+$' } });
    const started = cpuMs();
    expect(examine(`"${'a'.repeat(50_000)}!"`, { schema: hostile }).violations).toHaveLength(1);
    expect(cpuMs() - started).toBeLessThan(2_000);
  });

  it('takes out text and digests the bytes as they came', () => {
    const text = '{"t": [{"y": 1}, {"x": " c_i804 "}], "n": 7}';
    const { extracted, digest } = examine(text, { extract: { sender: 't/x', number: 'n', none: 't/z' } });
    expect(extracted).toEqual({ sender: 'c_i804', number: '7' });
    expect(digest).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('4: makes no digest where none is wanted, and finds the same violations', () => {
    const found = examine('{"id": 1}', { schema, undigested: true });
    expect(found).toEqual({ ...examine('{"id": 1}', { schema }), digest: '' });
    expect(found.violations.length).toBeGreaterThan(0);
  });

  it('examines one member of an envelope', () => {
    const event = (data: string) => `{"id": "1",\n"data": ${data}}`;
    const order = { schema, member: 'data', extract: { name: 'name' } };
    const one = examine(event('{"name": "a", "id": 1}'), order);
    expect(one.violations.map(({ path, line }) => [path, line])).toEqual([
      ['/data/name', 2],
      ['/data/id', 2],
    ]);
    expect(one.extracted).toEqual({ name: 'a' });
    expect(one.digest).toBe(createHash('sha256').update('{"id":1,"name":"a"}').digest('hex'));
    expect(() => examine('{"id": "1"}', order)).toThrow('event-malformed');
  });
});
