import { callbackFor } from './callback.js';

const CALLBACKS = [
  { url: 'https://a.example/ricezione', timeoutMs: 1, headers: { authorization: 'x' } },
  { url: 'http://b.example:8080', timeoutMs: 2, headers: {} },
];
const covered = (address: string) => callbackFor(address, CALLBACKS)?.url ?? null;

describe('callbackFor', () => {
  it.each([
    ['https://a.example/ricezione', 'https://a.example/ricezione'],
    ['https://A.example:443/ricezione/v1/Mresponse?x=1', 'https://a.example/ricezione/v1/Mresponse?x=1'],
    ['https://a.example/ricezione/x/../y', 'https://a.example/ricezione/y'],
    ['http://b.example:8080/qualsiasi', 'http://b.example:8080/qualsiasi'],
  ])('4: covers %s', (address, normalised) => {
    expect(covered(address)).toBe(normalised);
  });

  it.each([
    'http://a.example/ricezione',
    'https://a.example:8443/ricezione',
    'https://a.example/ricezione2',
    'https://a.example/altro',
    'https://a.example/ricezione/../altro',
    'https://a.example/ricezione/%2e%2e/altro',
    'https://a.example/ricezione/..%2faltro',
    'https://a.example/ricezione/..%5caltro',
    'https://user:secret@a.example/ricezione',
    'https://a.example/ricezione#x',
    'https://a.example.evil.example/ricezione',
    'https://evil.example/?https://a.example/ricezione',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '/ricezione',
    '',
  ])('4: does not cover %p', (address) => {
    expect(covered(address)).toBeNull();
  });

  it('4: gives the terms of the callback', () => {
    expect(callbackFor('https://a.example/ricezione/1', CALLBACKS)).toEqual({
      url: 'https://a.example/ricezione/1',
      timeoutMs: 1,
      headers: { authorization: 'x' },
    });
  });
});
