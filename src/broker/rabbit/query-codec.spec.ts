import type { QueryOutcome } from '../../query/ports.js';
import type { Question } from '../query-call.js';
import { decodeOutcome, decodeQuestion, encodeOutcome, encodeQuestion } from './query-codec.js';

const question: Question = {
  askedAt: 1_795_000_000_000,
  item: {
    message: {
      id: 'm',
      messageId: 'urn:x',
      correlationId: 'c',
      relatesTo: null,
      replyTo: null,
      sender: { participant: 'c_g878', system: 's' },
      service: 'residenza',
      version: 1,
      operation: 'verifica',
      profile: 'query',
      protocol: 'rest',
      format: 'json',
      headers: { 'content-type': 'application/json', 'x-nota': 'è già così' },
      digest: 'a'.repeat(64),
      size: 4,
      acceptedAt: new Date('2026-11-23T21:04:05.678Z'),
    },
    receiver: { participant: 'c_i804', system: 'anagrafe' },
    agreement: 'a',
    target: { method: 'GET', path: '/residenti', query: 'cf=%20', headers: {} },
    content: Buffer.from([0, 255, 1, 254]),
    deadline: new Date('2026-11-23T21:04:15.678Z'),
  },
};
const timing = { queued: 1, called: 20 };
const answered: QueryOutcome = {
  kind: 'answered',
  status: 404,
  headers: { etag: '"è"' },
  body: Buffer.from([254, 0]),
  timing,
};
const failed: QueryOutcome = {
  kind: 'failed',
  fault: {
    code: 'receiver-unreachable',
    blame: 'receiver',
    retryable: true,
    detail: 'no route',
    place: null,
    expected: null,
    violations: [],
    truncated: false,
  },
  timing,
};

const packed = (facts: unknown) => {
  const text = Buffer.from(typeof facts === 'string' ? facts : JSON.stringify(facts));
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, text]);
};

describe('query codec', () => {
  it.each([question, { ...question, item: { ...question.item, content: Buffer.alloc(0) } }])(
    '1: gives back the question',
    (given) => expect(decodeQuestion(encodeQuestion(given))).toEqual(given),
  );

  it.each([answered, { ...answered, body: Buffer.alloc(0) }, failed])('1: gives back the outcome', (given) =>
    expect(decodeOutcome(encodeOutcome(given))).toEqual(given),
  );

  it('1: does not copy the content when it decodes', () => {
    const body = encodeQuestion(question);
    expect(decodeQuestion(body).item.content.buffer).toBe(body.buffer);
  });

  it.each([
    ['too short', Buffer.from([1, 0]), /2 bytes/],
    ['another version', Buffer.from([2, 0, 0, 0, 0]), /version 2/],
    ['cut off', encodeQuestion(question).subarray(0, 40), /cut off/],
    ['no JSON', packed('nope'), /JSON|token/],
    ['no object', packed('null'), /no object/],
    ['no facts', packed({}), /lacks its facts/],
    ['a prototype', packed('{"__proto__":{"x":1}}'), /forbidden prototype/],
  ])('1: says what is wrong: %s', (_name, bytes, message) => {
    expect(() => decodeQuestion(bytes)).toThrow(message);
    expect(() => decodeOutcome(bytes)).toThrow(message);
  });

  it('1: refuses a question with a wrong date and an outcome of another kind', () => {
    const { content: _content, ...facts } = question.item;
    expect(() => decodeQuestion(packed({ ...facts, askedAt: 1, deadline: 'x' }))).toThrow('"x" is no date');
    expect(() => decodeOutcome(packed({ kind: 'maybe', timing }))).toThrow('lacks its facts');
  });
});
