import { parseAddress } from './address.js';

describe('parseAddress', () => {
  it('4: follows the national URL rule', () => {
    expect(parseAddress('POST', '/soap/c_i804/v1/VariazioneAnagrafica')).toEqual({
      binding: 'soap',
      address: { participant: 'c_i804', version: 1, service: 'VariazioneAnagrafica', path: '', method: 'POST' },
    });
    expect(parseAddress('POST', '/rest/r_abruzz/v12/VariazioneAnagrafica/notifiche').address).toMatchObject({
      version: 12,
      path: '/notifiche',
    });
    expect(parseAddress('POST', '/messages').binding).toBe('cloudevents');
  });

  it.each([
    '/soap/c_i804/VariazioneAnagrafica',
    '/soap/a/v1/b/c',
    '/rest/a/v1/b/../c',
    '/rest/a/v1/b/%2e%2e/c',
    '/rest/a/vx/b',
    '/soap/a/v1/',
    '/rest/a/v1/b;x=1',
  ])('refuses %s', (path) => expect(() => parseAddress('POST', path)).toThrow(/route-unknown/));
});
