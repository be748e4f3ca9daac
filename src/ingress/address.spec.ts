import { parseAddress, parseFanOutAddress } from './address.js';

describe('parseAddress', () => {
  it('4: follows the national URL rule', () => {
    expect(parseAddress('POST', '/soap/c_i804/v1/VariazioneAnagrafica')).toEqual({
      binding: 'soap',
      address: {
        participant: 'c_i804',
        version: 1,
        service: 'VariazioneAnagrafica',
        path: '',
        query: '',
        method: 'POST',
      },
    });
    expect(parseAddress('POST', '/rest/r_abruzz/v12/VariazioneAnagrafica/notifiche').address).toMatchObject({
      version: 12,
      path: '/notifiche',
    });
    expect(parseAddress('POST', '/messages').binding).toBe('cloudevents');
  });

  it.each([
    ['/persone/Rossi%20Mario', '/persone/Rossi Mario'],
    ['/persone/nicol%C3%B2', '/persone/nicolò'],
    ['/instance/a:b@c,d=e', '/instance/a:b@c,d=e'],
    ['/a...b', '/a...b'],
    ['', ''],
  ])('2: decodes %s once', (path, plain) => {
    const { address } = parseAddress('GET', `/rest/c_i804/v1/api${path}?q=%2e%2e/a?b`);
    expect([address.path, address.query]).toEqual([plain, 'q=%2e%2e/a?b']);
  });

  it.each([
    '/soap/c_i804/VariazioneAnagrafica',
    '/soap/a/v1/b/c',
    '/rest/a/vx/b',
    '/soap/a/v1/',
    '/rest/../v1/b',
    '/rest/a/v1/..',
    '/%2e%2e/secret',
    '/rest/%2e%2e/v1/b',
  ])('2: refuses %s', (path) => expect(() => parseAddress('POST', path)).toThrow(/route-unknown/));

  it.each([
    '/../c',
    '/./c',
    '/%2e%2e/secret',
    '/api/test/%2e%2e/%2e%2e/secret',
    '/.%2E/secret',
    '/%252e%252e/secret',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    ';x=1',
    '/a;x=1',
    '/..;/secret',
    '/a%3bx=1',
    '/a%00',
    '/a%0d%0ab',
    '/a%c2%85',
    '/a%ff',
    '/%c0%ae%c0%ae/secret',
    '/a%',
    '/a%2',
    '/a//b',
    '/a/',
    '/a%23b',
    '/a%3fb',
    '/a|b',
  ])('2: refuses %s below a service', (path) =>
    expect(() => parseAddress('GET', `/rest/a/v1/b${path}`)).toThrow(/route-unknown/),
  );

  it.each(['/a%2fb', '/a//b', '/%2e%2e/secret'])('2: says what is wrong in the path %s', (path) => {
    const info = expect.objectContaining({
      detail: expect.stringContaining(path),
      place: 'address: path',
      expected: expect.stringContaining('segment'),
    });
    const refused = expect.objectContaining({ code: 'route-unknown', info }) as Error;
    expect(() => parseAddress('GET', `/rest/a/v1/b${path}`)).toThrow(refused);
  });

  it('7: a fan-out has an address of its own, which is no other', () => {
    expect(parseFanOutAddress('GET', '/fanout/cst_aq/v1/Residenti/residenti/a%20b?x=1')).toEqual({
      binding: 'rest',
      address: {
        participant: 'cst_aq',
        version: 1,
        service: 'Residenti',
        path: '/residenti/a b',
        query: 'x=1',
        method: 'GET',
      },
    });
    const unknown = expect.objectContaining({ code: 'route-unknown' }) as Error;
    for (const path of ['/rest/a/v1/b', '/fanout/a/v1', '/fanout/a/v1/b/..', '/messages'])
      expect(() => parseFanOutAddress('GET', path)).toThrow(unknown);
    expect(() => parseAddress('GET', '/fanout/a/v1/b')).toThrow(unknown);
  });
});
