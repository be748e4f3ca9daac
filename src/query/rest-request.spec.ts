import type { Operation } from '../registry/model.js';
import type { RestParameter } from '../registry/rest-binding.js';
import { restRequest } from './rest-request.js';

const parameter = (where: RestParameter['in'], name: string, more: Partial<RestParameter> = {}): RestParameter => ({
  name,
  in: where,
  required: where === 'path',
  schema: null,
  ...more,
});
const operation = (method: string, path: string, parameters: readonly RestParameter[], bodyRequired = false) =>
  ({ name: 'op', jsonSchema: null, rest: { method, path, parameters, bodyRequired } }) as unknown as Operation;
const id = parameter('path', 'id');
const get = (value: unknown, ...more: readonly RestParameter[]) =>
  restRequest(operation('GET', '/residenti/{id}/foto', [id, ...more]), value);

describe('a payload as the request of a REST operation', () => {
  it.each([
    ['RSSMRA 80à', '/residenti/RSSMRA%2080%C3%A0/foto'],
    ['RM/2024/..5', '/residenti/RM%2F2024%2F..5/foto'],
    ['a/b?c=d#e', '/residenti/a%2Fb%3Fc%3Dd%23e/foto'],
    ['%2e%2e', '/residenti/%252e%252e/foto'],
    [7, '/residenti/7/foto'],
    [true, '/residenti/true/foto'],
    [['a', 'b,c'], '/residenti/a,b%2Cc/foto'],
    [{ a: 1, b: 'x' }, '/residenti/a,1,b,x/foto'],
  ])('3: %j is one segment of the path', (value, address) => {
    expect(get({ id: value })).toEqual({ method: 'GET', address, headers: {}, body: null });
  });

  it.each(['.', '..', '', '../x', 'x/..', 'x/./y', '..\\x', '..;x/y'])('3: a path cannot hold "%s"', (value) => {
    expect(() => get({ id: value })).toThrow(
      expect.objectContaining({ code: 'mediation-failed', info: expect.objectContaining({ place: 'path: id' }) }),
    );
  });

  it('3: writes query parameters in their style, and headers', () => {
    const list = [1, 2];
    const object = { da: 'x y', a: 3 };
    const query = (more: Partial<RestParameter>, value: unknown) =>
      get({ id: 'i', q: value }, parameter('query', 'q', more)).address.replace(/^[^?]*/, '');
    expect([
      query({}, list),
      query({ explode: false }, list),
      query({ style: 'spaceDelimited', explode: false }, list),
      query({ style: 'pipeDelimited', explode: false }, list),
      query({}, object),
      query({ explode: false }, object),
      query({ style: 'deepObject' }, object),
      query({}, 'a&b=c'),
      query({}, []),
      query({}, null),
    ]).toEqual([
      '?q=1&q=2',
      '?q=1,2',
      '?q=1%202',
      '?q=1|2',
      '?da=x%20y&a=3',
      '?q=da,x%20y,a,3',
      '?q%5Bda%5D=x%20y&q%5Ba%5D=3',
      '?q=a%26b%3Dc',
      '',
      '',
    ]);
    const headers = [parameter('header', 'X-Motivo'), parameter('header', 'X-Anni')];
    expect(get({ id: 'i', xMotivo: 'cura', 'X-Anni': [1, 2] }, ...headers).headers).toEqual({
      'x-motivo': 'cura',
      'x-anni': '1,2',
    });
  });

  it('3: what no parameter takes is the body, where there is one', () => {
    const put = operation('PUT', '/residenti/{id}', [id], true);
    expect(restRequest(put, { id: 'i', nome: 'Anna' })).toMatchObject({
      address: '/residenti/i',
      body: { nome: 'Anna' },
    });
    expect(restRequest(put, { id: 'i' }).body).toEqual({});
    expect(restRequest(operation('POST', '/a', []), ['any'])).toMatchObject({ address: '/a', body: ['any'] });
  });

  it.each<[string, () => unknown, object]>([
    [
      'members left over',
      () => get({ id: 'i', nome: 'A', eta: 1 }),
      { place: '/nome', expected: 'id', detail: expect.stringContaining('nome, eta') },
    ],
    ['a missing one', () => get({}), { place: 'path: id', expected: 'id in the payload' }],
    ['a nested value', () => get({ id: [{ a: 1 }] }), { place: 'path: id', expected: 'a text, number or boolean' }],
    [
      'a style it has not',
      () => get({ id: 'i', m: 1 }, parameter('query', 'm', { style: 'matrix' })),
      { place: 'query: m' },
    ],
    [
      'credentials',
      () => get({ id: 'i', Authorization: 'x' }, parameter('header', 'Authorization')),
      { place: '/Authorization' },
    ],
    ['what has no members', () => get([1]), { place: 'payload' }],
  ])('3: refuses %s, with place and expectation', (_what, work, info) => {
    expect(work).toThrow(expect.objectContaining({ code: 'mediation-failed', info: expect.objectContaining(info) }));
  });
});
