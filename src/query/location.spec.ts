import { outsideLocation } from './location.js';

const ITEM = {
  message: { version: 2, service: 'Residenti' },
  receiver: { participant: 'c_i804', system: 's' },
  target: { method: 'POST', path: '/residenti', query: '', headers: {} },
} as unknown as Parameters<typeof outsideLocation>[1];
const outside = (location: string) =>
  outsideLocation(
    location,
    ITEM,
    {
      protocol: 'rest',
      by: 'call',
      url: 'http://10.0.0.7/api/',
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
});
