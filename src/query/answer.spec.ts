import { NO_DOCUMENT } from '../protocol/no-answer.js';
import { createReadAnswer, type AnswerParts } from './answer.js';
import type { Question } from './asked.js';
import type { Answered } from './ports.js';

const QUESTION = {
  asked: { protocol: 'rest', binding: 'rest', operation: { rest: null, output: null, xsd: null } },
  endpoint: { protocol: 'rest', url: 'http://10.0.0.7/api' },
  item: {
    message: { version: 2, service: 'Residenti' },
    receiver: { participant: 'c_i804', system: 'sulmona' },
    target: { method: 'POST', path: '/residenti', query: '', headers: {} },
  },
} as unknown as Question;

function headersOf(location: string) {
  const codec = { binding: 'rest', openAnswer: () => Promise.resolve(NO_DOCUMENT) };
  const parts = { codecs: { soap: codec, rest: codec }, publicUrl: 'https://porta.example' } as unknown as AnswerParts;
  const answer = { status: 201, headers: { location, etag: '"1"' }, body: Buffer.alloc(0) } as unknown as Answered;
  return createReadAnswer(parts)(QUESTION, answer).then(({ headers }) => headers);
}

describe('an answer that is passed on', () => {
  it('2: has a Location that its consumer can follow', async () => {
    const location = 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1';
    expect(await headersOf('http://10.0.0.7/api/residenti/1')).toEqual({ location, etag: '"1"' });
  });

  it.each(['http://10.0.0.7/admin', '/admin', 'javascript:alert(1)', 'http://['])(
    '2: tells nothing of a Location %s, which no consumer can follow',
    async (location) => expect(await headersOf(location)).toEqual({ etag: '"1"' }),
  );
});
