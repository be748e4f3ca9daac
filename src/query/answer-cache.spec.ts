import CachePolicy from 'http-cache-semantics';
import { AnswerCache } from './answer-cache.js';

const MIB = 1024 * 1024;
const answer = (body: string | Buffer = 'x') => ({
  policy: new CachePolicy({ headers: {} }, { headers: {} }),
  status: 200,
  headers: {},
  body,
});

describe('the answers that are kept', () => {
  it('6: gives what was put in, and nothing else', () => {
    const cache = new AnswerCache();
    expect(cache.set('a', 'r', answer(), cache.now())).toBe(true);
    expect([cache.get('a')?.body, cache.get('b')]).toEqual(['x', undefined]);
  });

  it('6: drops every answer of a resource that has changed, and no other', () => {
    const cache = new AnswerCache();
    for (const key of ['a', 'b']) cache.set(key, 'r', answer(), cache.now());
    cache.set('c', 's', answer(), cache.now());
    cache.change('r');
    expect(['a', 'b', 'c'].map((key) => cache.get(key)?.body)).toEqual([undefined, undefined, 'x']);
  });

  it('6: keeps no answer to a question from before its resource changed', () => {
    const cache = new AnswerCache();
    const askedAt = cache.now();
    cache.change('r');
    expect([cache.set('a', 'r', answer(), askedAt), cache.get('a')]).toEqual([false, undefined]);
    expect(cache.set('b', 's', answer(), askedAt)).toBe(true);
    expect(cache.set('a', 'r', answer(), cache.now())).toBe(true);
  });

  it('6: keeps nothing from before it was cleared', () => {
    const cache = new AnswerCache();
    cache.set('a', 'r', answer(), cache.now());
    const askedAt = cache.now();
    cache.clear();
    expect([cache.get('a'), cache.set('b', 's', answer(), askedAt)]).toEqual([undefined, false]);
    expect(cache.set('a', 'r', answer(), cache.now())).toBe(true);
  });

  it('6: keeps no answer that is too long, nor the one that it replaces', () => {
    const cache = new AnswerCache();
    cache.set('a', 'r', answer(), cache.now());
    expect(cache.set('a', 'r', answer(Buffer.alloc(2 * MIB)), cache.now())).toBe(false);
    expect(cache.get('a')).toBeUndefined();
  });

  it('6: holds 64 MiB and drops what was used least recently', () => {
    const cache = new AnswerCache();
    const body = Buffer.alloc(MIB);
    for (let count = 0; count < 63; count += 1) cache.set(`a${count}`, `r${count % 3}`, answer(body), cache.now());
    expect(cache.get('a0')).toBeDefined();
    cache.set('b', 'r0', answer(body), cache.now());
    expect([cache.get('a0'), cache.get('a1'), cache.get('b')].map(Boolean)).toEqual([true, false, true]);
    cache.change('r1');
    expect([cache.get('a0'), cache.get('a4')].map(Boolean)).toEqual([true, false]);
  });
});
