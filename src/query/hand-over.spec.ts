import type { Fault } from '../message/fault.js';
import type { Registry } from '../registry/registry.js';
import { createHandOver } from './hand-over.js';
import type { LateAnswer, QueryItem, QuestionQueues, QueuedAnswer, QueuedQuestion } from './ports.js';

const SYSTEM = {
  id: 's',
  credentials: [{ kind: 'amqp', username: 's-mq' }],
  provides: [{ service: 'Residenti', version: 1, endpoint: { protocol: 'rest', by: 'amqp', url: null } }],
};
const ITEM = {
  message: {
    id: 'q1',
    messageId: 'm',
    correlationId: 'c',
    service: 'Residenti',
    version: 1,
    operation: 'leggi',
    headers: {},
  },
  receiver: { participant: 'c_i804', system: 's' },
  deadline: new Date('2026-11-26T10:00:00Z'),
} as unknown as QueryItem;
const SENT = { ...ITEM, message: { ...ITEM.message, sender: { participant: 'r_abruzz' } } } as QueryItem;

/** Queues in memory. */
class Queues implements QuestionQueues {
  readonly taken: QueuedQuestion[] = [];
  say: (answer: QueuedAnswer) => void = () => undefined;
  readonly put = (_system: string, question: QueuedQuestion) => Promise.resolve(void this.taken.push(question));
  readonly onAnswer = (listener: (answer: QueuedAnswer) => void) => void (this.say = listener);
}

function handOver(system: object = SYSTEM) {
  const queues = new Queues();
  const late: LateAnswer[] = [];
  const refused: string[] = [];
  const problems: unknown[] = [];
  const handler = createHandOver({
    registry: () => ({ system: () => system }) as unknown as Pick<Registry, 'system'>,
    writeQuestion: () => Promise.resolve({ method: 'GET', url: '/residenti/1', headers: {}, body: Buffer.alloc(0) }),
    queues,
    late: (each) => void late.push(each),
    refused: (_system: string, fault: Fault) => void refused.push(fault.code),
    problem: (error) => void problems.push(error),
  });
  const ended = new AbortController();
  const asked = handler(SENT, ended.signal);
  const answer = (more: Partial<QueuedAnswer> = {}) =>
    queues.say({ system: 's', user: 's-mq', id: 'q1', headers: {}, body: Buffer.from('{}'), ...more });
  return { asked, answer, ended, late, refused, problems, queues };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('questions in the queue of a system', () => {
  it('1: takes the answer of the system alone, and the first one', async () => {
    const { asked, answer, refused, late } = handOver();
    await turn();
    answer({ user: null });
    answer({ user: 'other' });
    answer({ system: 'other' });
    answer({ id: 'q2' });
    answer({ headers: { 'x-status': '404', 'x-header-etag': '"1"', 'x-other': 'a' } });
    answer({ headers: { 'x-status': '500' } });
    expect(await asked).toMatchObject({ kind: 'answered', status: 404, headers: { etag: '"1"' } });
    expect(refused).toEqual(['credentials-missing', 'sender-mismatch', 'question-unknown', 'question-unknown']);
    expect(late).toEqual([]);
  });

  it('1: takes no value that no header of HTTP can be', async () => {
    const { asked, answer } = handOver();
    await turn();
    answer({ headers: { 'content-type': 'text/plain\n', 'x-header-etag': '"1\r\nX: €"', 'x-header-link': '</è>' } });
    const headers = { 'content-type': 'text/plain%0A', etag: '"1%0D%0AX: %E2%82%AC"', link: '</è>' };
    expect(await asked).toMatchObject({ kind: 'answered', headers });
  });

  it('1: takes the answer of either user while one takes the place of the other', async () => {
    for (const user of ['s-mq', 's-mq-2']) {
      const credentials = ['s-mq', 's-mq-2'].map((username) => ({ kind: 'amqp', username }));
      const { asked, answer, refused } = handOver({ ...SYSTEM, credentials });
      await turn();
      answer({ user });
      expect([(await asked).kind, refused]).toEqual(['answered', []]);
    }
  });

  it.each([
    ['a status that is none', { headers: { 'x-status': '99' } }, 'parameter-wrong'],
    ['more than can be held', { body: Buffer.alloc(20 * 1024 * 1024 + 1) }, 'too-large'],
  ])('1: ends the question at %s', async (_what, wrong, code) => {
    const { asked, answer, refused } = handOver();
    await turn();
    answer(wrong);
    expect(await asked).toMatchObject({ kind: 'failed', fault: { code: 'answer-invalid' } });
    expect(refused).toEqual([code]);
  });

  it('1: tells a late answer once, and takes none for a system without a user', async () => {
    const { asked, answer, refused, late, ended } = handOver();
    await turn();
    ended.abort(new Error('over'));
    expect(await asked).toMatchObject({ kind: 'failed' });
    answer();
    answer();
    expect([late.map(({ id }) => id), refused]).toEqual([['q1'], ['question-expired', 'question-expired']]);
    const without = handOver({ ...SYSTEM, credentials: [] });
    await turn();
    without.answer();
    expect(without.refused).toEqual(['sender-mismatch']);
  });

  it('1: puts a question once, and none where nobody waits any more', async () => {
    const { asked, queues, answer, refused } = handOver();
    await turn();
    expect(queues.taken.map(({ id, headers }) => [id, headers['x-path']])).toEqual([['q1', '/residenti/1']]);
    answer();
    await asked;
    expect(refused).toEqual([]);
    const gone = handOver();
    gone.ended.abort(new Error('gone'));
    expect(await gone.asked).toMatchObject({ kind: 'failed' });
    expect(gone.queues.taken).toEqual([]);
  });
});
