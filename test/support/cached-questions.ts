import { jest } from '@jest/globals';
import type { Reply } from '../../src/message/stages.js';
import { AnswerCache } from '../../src/query/answer-cache.js';
import type { Question } from '../../src/query/asked.js';
import { cached } from '../../src/query/cached.js';

export type Headers = Readonly<Record<string, string>>;

/** What is other than in `PLAIN`; the headers are as the consumer sent them, Cache-Control goes no further. */
export type Differing = Partial<typeof PLAIN>;

export const marked = jest.fn();

export const PLAIN = {
  sender: { participant: 'r_abruzz', system: 'regione' },
  agreement: 'a1',
  receiver: { participant: 'c_h007', system: 'pratola' },
  version: 1,
  method: 'GET',
  path: '/residenti/1',
  query: '',
  headers: {} as Headers,
  protocol: 'rest',
  spoken: 'rest',
  cache: true,
  safe: false,
  content: Buffer.alloc(0),
};

export function question(differing: Differing = {}): Question {
  const { sender, receiver, version, method, path, query, headers, ...one } = { ...PLAIN, ...differing };
  const { 'cache-control': _own, ...seen } = headers;
  const operation = { safe: one.safe, rest: { method: 'GET', path: '/residenti/1' } };
  return {
    asked: { protocol: one.protocol, headers, operation, clock: { mark: marked } },
    item: {
      message: { sender, service: 'Residenti', version },
      receiver,
      agreement: one.agreement,
      target: { method, path, query, headers: seen },
      content: one.content,
    },
    endpoint: { protocol: one.spoken, cache: one.cache },
  } as unknown as Question;
}

export const reply = (headers: Headers = {}, body = 'anna', status = 200): Reply => ({ status, headers, body });
export const FRESH = { 'cache-control': 'max-age=60', etag: '"1"' };

/** A provider that answers so, last always the last, and what it was asked. */
export function provider(...replies: readonly (Reply | Error)[]) {
  const cache = new AnswerCache();
  const asked: Question[] = [];
  const hit = jest.fn();
  const miss = jest.fn();
  const answerTo = cached(
    async (one) => {
      const turn = replies[Math.min(asked.push(one), replies.length) - 1]!;
      if (turn instanceof Error) throw turn;
      return turn;
    },
    { cache, hit, miss },
  );
  const ask = (differing: Differing = {}) => answerTo(question(differing), new AbortController().signal);
  const askTwice = async (one: Differing = {}, other: Differing = one) => [await ask(one), await ask(other)] as const;
  return { cache, asked, ask, askTwice, hit, miss, headersOf: (at: number) => asked[at]!.item.target.headers };
}
