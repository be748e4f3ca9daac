import { jest } from '@jest/globals';
import { Fault } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { AnswerCache } from './answer-cache.js';
import { cached } from './cached.js';
import {
  type Headers,
  type Differing,
  marked,
  question,
  reply,
  FRESH,
  provider,
} from '../../test/support/cached-questions.js';

describe('answers that are given again', () => {
  beforeEach(() => void jest.useFakeTimers({ now: new Date('2026-11-26T09:00:00Z') }));
  afterEach(() => {
    jest.useRealTimers();
    marked.mockClear();
  });
  const later = (seconds: number) => jest.advanceTimersByTime(seconds * 1000);

  it('6: gives a fresh answer again, with its age, and tells so', async () => {
    const { ask, asked, hit, miss } = provider(reply(FRESH));
    const first = await ask();
    expect(first).toMatchObject({
      status: 200,
      headers: { 'cache-status': 'crocevia; fwd=uri-miss; fwd-status=200; stored' },
    });
    later(12);
    expect(await ask()).toEqual({
      status: 200,
      headers: { ...FRESH, date: 'Thu, 26 Nov 2026 09:00:00 GMT', age: '12', 'cache-status': 'crocevia; hit; ttl=48' },
      body: 'anna',
    });
    expect([asked.length, hit.mock.calls.length, miss.mock.calls.length]).toEqual([1, 1, 1]);
    expect(marked.mock.calls).toEqual([['cache']]);
  });

  it.each([
    ['another participant', { sender: { participant: 'c_h166', system: 'regione' } }],
    ['another system of the participant', { sender: { participant: 'r_abruzz', system: 'altro' } }],
    ['another agreement', { agreement: 'a2' }],
    ['another provider', { receiver: { participant: 'c_i804', system: 'sulmona' } }],
    ['another version', { version: 2 }],
    ['another path', { path: '/residenti/2' }],
    ['another query', { query: 'cognome=Rossi' }],
    ['HEAD', { method: 'HEAD' }],
    ['a header that the provider sees', { headers: { 'x-motivo': 'm' } }],
    ['another language', { headers: { 'accept-language': 'en' } }],
  ])('6: gives no answer to the question of %s', async (_name, other: Differing) => {
    const { asked, askTwice } = provider(reply(FRESH), reply(FRESH, 'ugo'));
    const [one, another] = await askTwice({}, other);
    expect([one.body, another.body, asked.length]).toEqual(['anna', 'ugo', 2]);
  });

  it('6: the order of the headers makes no other question', async () => {
    const { asked, askTwice } = provider(reply(FRESH));
    await askTwice({ headers: { accept: 'a/b', prefer: 'p' } }, { headers: { prefer: 'p', accept: 'a/b' } });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['no-store', { 'cache-control': 'no-store, max-age=60', etag: '"1"' }],
    ['No-Store, however it is written', { 'cache-control': 'No-Store, max-age=60' }],
    ['no lifetime and no validator', {}],
    ['max-age=0 and no validator', { 'cache-control': 'max-age=0' }],
    ['a lifetime that could only be guessed', { 'last-modified': 'Thu, 26 Nov 2020 09:00:00 GMT' }],
    ['Expires in the past', { expires: 'Thu, 26 Nov 2020 09:00:00 GMT' }],
    ['an age beyond its lifetime', { 'cache-control': 'max-age=60', age: '61' }],
    ['Vary: *', { 'cache-control': 'max-age=60', vary: '*' }],
    ['no-cache', { 'cache-control': 'no-cache', etag: '"1"' }],
  ])('6: asks the provider each time for an answer with %s', async (_name, headers: Headers) => {
    const { asked, askTwice } = provider(reply(headers), reply(headers, 'ugo'));
    const [, second] = await askTwice();
    expect([second.body, asked.length]).toEqual(['ugo', 2]);
  });

  it.each([
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['must-revalidate', { 'cache-control': 'max-age=60, must-revalidate' }],
    ['Max-Age, however it is written', { 'cache-control': 'Max-Age=60' }],
    ['Expires', { expires: 'Thu, 26 Nov 2026 09:01:00 GMT' }],
    ['a Vary that the question meets', { 'cache-control': 'max-age=60', vary: 'Accept-Language' }],
  ])(
    '6: keeps an answer with %s for the system that asked, as long as it is fresh',
    async (_name, headers: Headers) => {
      const { asked, ask } = provider(reply(headers));
      await ask();
      later(59);
      await ask();
      expect(asked).toHaveLength(1);
      later(2);
      await ask();
      expect(asked).toHaveLength(2);
    },
  );

  it.each([[500], [502], [206], [403]])('6: keeps no answer %s', async (status) => {
    const { asked, askTwice } = provider(reply(FRESH, 'x', status));
    await askTwice();
    expect(asked).toHaveLength(2);
  });

  it('6: keeps an answer 404 that says how long it holds', async () => {
    const { asked, askTwice } = provider(reply(FRESH, '', 404));
    expect((await askTwice())[1].status).toBe(404);
    expect(asked).toHaveLength(1);
  });

  it('6: keeps nothing where the provider has not declared it, for another protocol, or of a part', async () => {
    for (const differing of [
      { cache: false },
      { protocol: 'soap11' },
      { spoken: 'soap11' },
      { headers: { range: 'bytes=0-1' } },
      { headers: { 'if-match': '"1"' } },
      { content: Buffer.from('{}') },
      { method: 'POST', safe: true },
    ]) {
      const { asked, askTwice } = provider(reply(FRESH));
      const [, second] = await askTwice(differing);
      expect([asked.length, second.headers['cache-status']]).toEqual([2, undefined]);
    }
  });

  it('6: asks the provider where the consumer wants it', async () => {
    const { asked, ask } = provider(reply(FRESH), reply({}, '', 304));
    await ask();
    later(10);
    const wanted = { headers: { 'cache-control': 'No-Cache' } };
    expect((await ask(wanted)).headers['cache-status']).toBe('crocevia; fwd=request; fwd-status=304; stored');
    await ask({ headers: { 'cache-control': 'max-age=5' } });
    expect(asked).toHaveLength(2);
    later(10);
    await ask({ headers: { 'cache-control': 'max-age=5' } });
    expect(asked).toHaveLength(3);
  });

  it('6: gives nothing stale, whatever consumer and provider allow', async () => {
    const lax = { 'cache-control': 'max-age=1, stale-while-revalidate=600, stale-if-error=600' };
    const away = new Fault('receiver-unreachable', { detail: 'x' });
    const { asked, ask } = provider(reply(lax), reply({}, 'down', 503), away);
    await ask();
    later(2);
    const patient = { headers: { 'cache-control': 'max-stale=600' } };
    expect((await ask(patient)).status).toBe(503);
    await expect(ask(patient)).rejects.toBe(away);
    expect(asked).toHaveLength(3);
  });

  it('6: keeps no answer to a question that says no-store', async () => {
    const { asked, askTwice } = provider(reply(FRESH));
    await askTwice({ headers: { 'cache-control': 'no-store' } });
    expect(asked).toHaveLength(2);
  });

  it('6: answers 304 by itself where the consumer has the answer already', async () => {
    const { asked, ask } = provider(reply({ ...FRESH, 'content-type': 'application/json' }));
    await ask();
    const told = await ask({ headers: { 'if-none-match': 'W/"1"' } });
    expect(told).toMatchObject({ status: 304, body: '', headers: { etag: '"1"', age: '0' } });
    expect(told.headers['content-type']).toBeUndefined();
    expect((await ask({ headers: { 'if-none-match': '"0"' } })).body).toBe('anna');
    expect(asked).toHaveLength(1);
  });

  it('6: lets the provider confirm what is stale, and keeps its newer headers', async () => {
    const { ask, headersOf, asked } = provider(
      reply({ ...FRESH, link: '<old>', 'content-type': 'application/json' }),
      reply({ 'cache-control': 'max-age=5', etag: '"1"', link: '<new>', 'content-type': 'text/html' }, '', 304),
    );
    await ask({ headers: { accept: 'a/b' } });
    later(61);
    expect(await ask({ headers: { accept: 'a/b' } })).toMatchObject({
      status: 200,
      body: 'anna',
      headers: {
        'cache-control': 'max-age=5',
        link: '<new>',
        'content-type': 'application/json',
        age: '0',
        'cache-status': 'crocevia; fwd=stale; fwd-status=304; stored',
      },
    });
    expect(headersOf(1)).toEqual({ accept: 'a/b', 'if-none-match': '"1"' });
    later(4);
    expect((await ask({ headers: { accept: 'a/b' } })).body).toBe('anna');
    expect(asked).toHaveLength(2);
  });

  it('6: asks by its own condition in place of the consumer’s, and answers the consumer’s', async () => {
    const newer = reply({ 'cache-control': 'max-age=60', etag: '"2"' }, 'ugo');
    const { ask, headersOf } = provider(reply(FRESH), newer, reply({ etag: '"2"' }, '', 304));
    await ask();
    later(61);
    const has = (etag: string) => ({ headers: { 'if-none-match': etag } });
    expect(await ask(has('"2"'))).toMatchObject({ status: 304, body: '' });
    expect(headersOf(1)).toEqual({ 'if-none-match': '"1"' });
    later(61);
    expect(await ask(has('"0"'))).toMatchObject({ status: 200, body: 'ugo' });
    expect(headersOf(2)).toEqual({ 'if-none-match': '"2"' });
  });

  it('6: passes on a 304 that the provider gives to the consumer’s own condition', async () => {
    const { ask, headersOf } = provider(reply({ etag: '"7"' }, '', 304));
    const told = await ask({ headers: { 'if-none-match': '"7"' } });
    expect([told.status, told.headers['cache-status']]).toEqual([304, 'crocevia; fwd=uri-miss; fwd-status=304']);
    expect(headersOf(0)).toEqual({ 'if-none-match': '"7"' });
  });

  it('6: a failure of the provider takes nothing away, an answer that may not be kept does', async () => {
    const gone = reply({ 'cache-control': 'no-store' }, '', 404);
    const { ask, headersOf } = provider(reply(FRESH), reply({}, '', 503), gone, gone);
    await ask();
    later(61);
    for (let count = 0; count < 3; count += 1) await ask();
    expect([1, 2, 3].map(headersOf)).toEqual([{ 'if-none-match': '"1"' }, { 'if-none-match': '"1"' }, {}]);
  });

  it.each([['POST'], ['PUT'], ['PATCH'], ['DELETE']])(
    '6: %s drops the answers of its path for everybody',
    async (method) => {
      const { ask, asked } = provider(reply(FRESH));
      const other = { sender: { participant: 'c_h166', system: 'raiano' }, query: 'x=1' };
      for (const differing of [{}, other, { path: '/residenti/2' }]) await ask(differing);
      await ask({ method, sender: { participant: 'c_i804', system: 'sulmona' } });
      for (const differing of [{}, other, { path: '/residenti/2' }]) await ask(differing);
      expect(asked).toHaveLength(3 + 1 + 2);
    },
  );

  it('6: SOAP for an operation that is not safe drops the answers of its path', async () => {
    const { ask, asked } = provider(reply(FRESH));
    await ask();
    await ask({ protocol: 'soap11', method: 'POST', path: '', safe: true });
    await ask();
    expect(asked).toHaveLength(2);
    await ask({ protocol: 'soap11', method: 'POST', path: '' });
    await ask();
    expect(asked).toHaveLength(4);
  });

  it('6: drops the answers even where nobody knows whether the change was made', async () => {
    const { ask, asked } = provider(reply(FRESH), new Fault('receiver-timeout', { detail: 'x' }), reply(FRESH, 'ugo'));
    await ask();
    await expect(ask({ method: 'PUT' })).rejects.toThrow('receiver-timeout');
    expect([(await ask()).body, asked.length]).toEqual(['ugo', 3]);
  });

  it('6: keeps nothing that was read before a change ended', async () => {
    const cache = new AnswerCache();
    let answerRead: (reply: Reply) => void = () => undefined;
    let reads = 0;
    const answerTo = cached(
      (one) => {
        if (one.item.target.method === 'PUT') return Promise.resolve(reply({}, '', 204));
        reads += 1;
        return new Promise((resolve) => (answerRead = resolve));
      },
      { cache, hit: () => undefined, miss: () => undefined },
    );
    const ask = (differing: Differing) => answerTo(question(differing), new AbortController().signal);
    const reading = ask({});
    await ask({ method: 'PUT' });
    answerRead(reply(FRESH, 'before'));
    expect((await reading).headers['cache-status']).toBe('crocevia; fwd=uri-miss; fwd-status=200');
    const again = ask({});
    answerRead(reply(FRESH, 'after'));
    expect([(await again).body, reads]).toEqual(['after', 2]);
  });

  it('6: gives nothing from before the registry has changed', async () => {
    const { ask, asked, cache } = provider(reply(FRESH));
    await ask();
    cache.clear();
    await ask();
    expect(asked).toHaveLength(2);
  });
});
