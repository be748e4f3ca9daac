import type { Operation } from '../registry/model.js';
import { answerHeaders, requestHeaders } from './carried-headers.js';

const published = (...names: readonly string[]) =>
  ({
    rest: { parameters: names.map((name) => ({ name, in: 'header', required: false, schema: null })) },
  }) as unknown as Operation;

describe('headers of a query', () => {
  it('2: carries negotiation, conditions, ranges and what is published', () => {
    const given = { accept: 'a/b', 'if-none-match': '"1"', range: 'bytes=0-1', 'x-motivo': 'm', 'x-other': 'o' };
    const { 'x-other': _other, ...carried } = given;
    expect(requestHeaders(given, published('X-Motivo'))).toEqual(carried);
  });

  it('2: carries no credential and nothing of a connection, published or not', () => {
    const given = { authorization: 'a', cookie: 'c', 'x-api-key': 'k', host: 'h', te: 't', 'x-forwarded-for': 'f' };
    expect(requestHeaders(given, published(...Object.keys(given)))).toEqual({});
    expect(answerHeaders({ ...given, 'set-cookie': 's', server: 'nginx', etag: '"1"' })).toEqual({ etag: '"1"' });
  });
});
