import { outsideLocation } from './location.js';

const ITEM = {
  message: { version: 2, service: 'Residenti' },
  receiver: { participant: 'c_i804', system: 's' },
  target: { method: 'POST', path: '/residenti', query: '', headers: {} },
} as unknown as Parameters<typeof outsideLocation>[1];
const outside = (location: string, url = 'http://10.0.0.7/api/') =>
  outsideLocation(
    location,
    ITEM,
    {
      protocol: 'rest',
      by: 'call',
      url,
      timeoutMs: 1,
      headers: {},
      hedgeAfterMs: null,
      cache: false,
    },
    'https://porta.example',
  );

describe('a provider’s Location', () => {
  it.each([
    ['http://10.0.0.7/api/residenti/1?x=1', 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1?x=1'],
    ['/api/residenti/1', 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1'],
    ['residenti/1', 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1'],
    ['http://10.0.0.7/api', 'https://porta.example/rest/c_i804/v2/Residenti'],
    ['https://www.example.it/a', 'https://www.example.it/a'],
    ['http://10.0.0.7/apice', null],
    ['/admin', null],
    ['javascript:alert(1)', null],
    ['http://[', null],
  ])('2: %s is told as %s', (location, told) => expect(outside(location)).toBe(told));

  it.each([
    'https://Provider.example:443/api',
    'https://provider.example/x/../api/',
    'https://utente:segreto@provider.example/api',
  ])('2: it is known again where the endpoint is registered as %s', (url) => {
    const own = 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1';
    expect(outside('https://provider.example/api/residenti/1', url)).toBe(own);
    expect(outside('/api/residenti/1', url)).toBe(own);
    expect(outside('https://provider.example:443/admin', url)).toBeNull();
    expect(outside('https://provider.example:8443/api', url)).toBe('https://provider.example:8443/api');
  });

  it('2: it is told where the endpoint is the whole host', () => {
    const own = 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1';
    expect(outside('http://10.0.0.7/residenti/1', 'HTTP://10.0.0.7')).toBe(own);
  });
});
