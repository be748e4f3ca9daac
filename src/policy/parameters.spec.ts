import type { Arrival } from '../message/stages.js';
import { schemaBundle } from '../registry/interface/document-names.js';
import type { RestParameter } from '../registry/rest-binding.js';
import { parameterViolations } from './parameters.js';

const parameter = (name: string, where: RestParameter['in'], schema: object, required = false): RestParameter => ({
  name,
  in: where,
  required,
  schema: schemaBundle('json-schema', 's.json', { 's.json': JSON.stringify(schema) }),
});
const PARAMETERS = [
  parameter('id', 'path', { type: 'string', maxLength: 5 }, true),
  parameter('anno', 'query', { type: 'integer', minimum: 1900 }, true),
  parameter('attivo', 'query', { type: 'boolean' }),
  parameter('cap', 'query', { type: 'string', pattern: '^[0-9]{5}$' }),
  parameter('stato', 'query', { type: 'array', maxItems: 2, items: { enum: ['a', 'b'] } }),
  parameter('filtro', 'query', { type: 'object' }),
  parameter('X-Motivo', 'header', { type: 'string', maxLength: 3 }),
  parameter('sessione', 'cookie', { type: 'string' }, true),
];

function rulesFor(query: string, { path = '/r/1', headers = {} }: { path?: string; headers?: object } = {}) {
  const arrival = { address: { path, query }, headers } as unknown as Arrival;
  const found = parameterViolations({ method: 'GET', path: '/r/{id}', parameters: PARAMETERS }, arrival);
  return found.map(({ path: place, rule }) => `${place} ${rule}`);
}

describe('parameters of a REST operation', () => {
  it.each([
    ['anno=2026'],
    ['anno=2026&attivo=true&cap=67039'],
    ['anno=2026&stato=a&stato=b'],
    ['anno=2026&stato=a,b'],
    ['anno=2026&stato=a'],
    ['anno=2026&filtro[nome]=x'],
  ])('2: %s fits', (query) => expect(rulesFor(query)).toEqual([]));

  it.each([
    ['', ['query: anno required']],
    ['anno=venti', ['query: anno type']],
    ['anno=1', ['query: anno minimum']],
    ['anno=2026&attivo=si', ['query: attivo type']],
    ['anno=2026&cap=670', ['query: cap pattern']],
    ['anno=2026&stato=c', ['query: stato enum']],
    ['anno=2026&stato=a&stato=b&stato=a', ['query: stato maxItems']],
    [
      'anno=2026&altro=1&constructor=1',
      ['query: altro unexpected-parameter', 'query: constructor unexpected-parameter'],
    ],
  ])('2: %s does not', (query, rules) => expect(rulesFor(query)).toEqual(rules));

  it('2: path and header are held too, each with its place', () => {
    expect(rulesFor('anno=2026', { path: '/r/123456', headers: { 'x-motivo': 'lungo' } })).toEqual([
      'path: id maxLength',
      'header: X-Motivo maxLength',
    ]);
  });

  const LIST = { type: 'array', items: { enum: ['a', 'b'] } };
  const rulesOf = (schema: object, value: string) =>
    parameterViolations({ method: 'GET', path: '/r', parameters: [parameter('p', 'query', schema)] }, {
      address: { path: '/r', query: `p=${value}` },
      headers: {},
    } as unknown as Arrival).map(({ rule }) => rule);

  it.each([
    [{ enum: ['a', 'b'] }, 'c', 'enum'],
    [{ enum: ['a', 'b'] }, 'a,b', 'enum'],
    [{ const: 'a' }, 'b', 'const'],
    [{ minLength: 3 }, 'ab', 'minLength'],
    [{ pattern: '^[A-Z]+$' }, 'ab', 'pattern'],
    [{ anyOf: [LIST, { const: 'tutti' }] }, 'c', 'enum'],
  ])('2: %j has no type and holds against %s', (schema, value, rule) => expect(rulesOf(schema, value)).toEqual([rule]));

  it.each([
    [{ enum: ['a', 'b'] }, 'a'],
    [{ enum: [1, 2] }, '2'],
    [{ enum: ['1', '2'] }, '2'],
    [{ minLength: 3 }, 'abc'],
    [{}, 'a,b'],
    [{ anyOf: [LIST, { const: 'tutti' }] }, 'tutti'],
    [{ anyOf: [LIST, { const: 'tutti' }] }, 'a,b'],
    [{ anyOf: [LIST, { type: 'integer' }] }, '7'],
  ])('2: %j has no type and takes %s', (schema, value) => expect(rulesOf(schema, value)).toEqual([]));

  it('2: too many are not looked at, and refused', () => {
    expect(rulesFor(`anno=2026${'&attivo=true'.repeat(600)}`)).toEqual(['query maxItems']);
  });

  it('2: nothing is held against an operation that is not described', () => {
    const arrival = { address: { path: '/r/1', query: 'a=1' }, headers: {} } as unknown as Arrival;
    expect(parameterViolations({ method: 'GET', path: '/r/{id}' }, arrival)).toEqual([]);
  });
});
