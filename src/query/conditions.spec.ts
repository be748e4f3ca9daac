import { conditionOf, isUnmodified, notModified, withoutConditions } from './conditions.js';

const MONDAY = 'Mon, 23 Nov 2026 09:00:00 GMT';
const TUESDAY = 'Tue, 24 Nov 2026 09:00:00 GMT';

describe('conditions of a question', () => {
  it.each([
    ['"1"', '"1"', true],
    ['W/"1"', '"1"', true],
    ['"1"', 'W/"1"', true],
    ['"0", W/"1","2"', '"1"', true],
    ['*', '"1"', true],
    ['"a,b"', '"a,b"', true],
    ['"2"', '"1"', false],
    ['1', '"1"', false],
    ['', '"1"', false],
  ])('6: If-None-Match %s of an answer %s: %s', (tags, etag, is) =>
    expect(isUnmodified({ 'if-none-match': tags }, { etag })).toBe(is),
  );

  it.each([
    [MONDAY, MONDAY, true],
    [TUESDAY, MONDAY, true],
    [MONDAY, TUESDAY, false],
    ['yesterday', MONDAY, false],
    [MONDAY, 'yesterday', false],
  ])('6: If-Modified-Since %s of an answer of %s: %s', (since, modified, is) =>
    expect(isUnmodified({ 'if-modified-since': since }, { 'last-modified': modified })).toBe(is),
  );

  it('6: without a condition or a validator the answer is needed', () => {
    expect(isUnmodified({}, { etag: '"1"', 'last-modified': MONDAY })).toBe(false);
    expect(isUnmodified({ 'if-none-match': '"1"' }, {})).toBe(false);
    expect(isUnmodified({ 'if-modified-since': MONDAY }, {})).toBe(false);
  });

  it('6: If-None-Match goes before If-Modified-Since', () => {
    const both = { 'if-none-match': '"2"', 'if-modified-since': TUESDAY };
    expect(isUnmodified(both, { etag: '"1"', 'last-modified': MONDAY })).toBe(false);
  });

  it('6: asks again by the entity tag, else by the date', () => {
    expect(conditionOf({ etag: '"1"', 'last-modified': MONDAY })).toEqual({ 'if-none-match': '"1"' });
    expect(conditionOf({ 'last-modified': MONDAY })).toEqual({ 'if-modified-since': MONDAY });
    expect(conditionOf({})).toBeNull();
    expect(withoutConditions({ accept: 'a/b', 'if-none-match': '"1"', 'if-modified-since': MONDAY })).toEqual({
      accept: 'a/b',
    });
  });

  it('6: a 304 says how long it holds and nothing of the content', () => {
    const kept = { etag: '"1"', age: '3', 'cache-control': 'max-age=60', vary: 'accept' };
    expect(notModified({ ...kept, 'content-type': 'application/json', link: '<a>' })).toEqual({
      status: 304,
      headers: kept,
      body: '',
    });
  });
});
