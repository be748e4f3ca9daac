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

const headersOf = (location: string) => headersFor({ location, etag: '"1"' });

function headersFor(headers: Record<string, string>) {
  const codec = { binding: 'rest', openAnswer: () => Promise.resolve(NO_DOCUMENT) };
  const parts = { codecs: { soap: codec, rest: codec }, publicUrl: 'https://porta.example' } as unknown as AnswerParts;
  const answer = { status: 201, headers, body: Buffer.alloc(0) } as unknown as Answered;
  return createReadAnswer(parts)(QUESTION, answer).then(({ headers }) => headers);
}

describe('an answer that is passed on', () => {
  it('2: has a Location that its consumer can follow', async () => {
    const location = 'https://porta.example/rest/c_i804/v2/Residenti/residenti/1';
    expect(await headersOf('http://10.0.0.7/api/residenti/1')).toEqual({ location, etag: '"1"' });
  });

  it('2: has links of its content and its pages that its consumer can follow', async () => {
    const own = 'https://porta.example/rest/c_i804/v2/Residenti/residenti';
    const link = [
      '<http://10.0.0.7/api/residenti?page=2>; rel="next last"; title="a, b"',
      '<?page=0>; rel=first',
      '<http://10.0.0.7/admin>; rel=help',
      '<https://www.example.it/licenza>; rel=license; anchor="http://10.0.0.7/api/residenti"',
      '</api/x>; rel=up; anchor="http://10.0.0.7/admin"',
    ].join(', ');
    const headers = await headersFor({ link, 'content-location': 'http://10.0.0.7/api/residenti/1' });
    expect(headers['content-location']).toBe(`${own}/1`);
    expect(headers['link']).toBe(
      [
        `<${own}?page=2>; rel=next; title="a, b"`,
        `<${own}?page=2>; rel=last; title="a, b"`,
        `<${own}?page=0>; rel=first`,
        `<https://www.example.it/licenza>; rel=license; anchor="${own}"`,
      ].join(', '),
    );
  });

  it.each(['http://10.0.0.7/admin>; rel=next', '<http://10.0.0.7/admin>; rel=next', '<http://10.0.0.7', ''])(
    '2: tells nothing of the links %s, which no consumer can follow',
    async (link) => expect(await headersFor({ link })).toEqual({}),
  );

  it.each(['http://10.0.0.7/admin', '/admin', 'javascript:alert(1)', 'http://['])(
    '2: tells nothing of a Location %s, which no consumer can follow',
    async (location) => expect(await headersOf(location)).toEqual({ etag: '"1"' }),
  );
});
