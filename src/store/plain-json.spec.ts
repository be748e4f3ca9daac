import { plainJson } from './plain-json.js';

describe('plainJson', () => {
  it.each([
    ['NUL', 'a\0b', 'a\ufffdb'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['a whole pair', 'a😀b', 'a😀b'],
    ['text that looks like an escape', 'a\\u0000b', 'a\\u0000b'],
  ])('stores %s', (_name, text, stored) => {
    expect(JSON.parse(plainJson({ text }))).toEqual({ text: stored });
  });
});
