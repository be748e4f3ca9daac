import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Fault } from '../message/fault.js';
import type { Agreement } from '../registry/model.js';
import type { Question } from './asked.js';
import { createWriteDown } from './evidence.js';
import type { Answered, QueryOpening, QueryRecord } from './ports.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function question(spoken = 'rest'): Omit<Question, 'heard'> {
  const message = {
    id: 'q',
    correlationId: 'c',
    headers: { 'content-type': '' },
    digest: sha256(''),
    sender: { participant: 'r_abruzz', system: 'regione' },
  };
  return {
    asked: {
      binding: 'rest',
      protocol: 'rest',
      address: { method: 'GET', path: '/residenti/1', query: 'anno=2026' },
      headers: { accept: 'application/json', authorization: 'secret' },
      operation: { parameters: [] },
      examination: { digest: sha256('') },
      clock: { marks: [{ station: 'wait', ms: 1 }], mark: () => undefined },
    },
    item: { message, receiver: { participant: 'c_h007', system: 'pratola' }, content: Buffer.from('asked') },
    endpoint: { protocol: spoken },
  } as unknown as Omit<Question, 'heard'>;
}

const PROVIDED: Answered = {
  kind: 'answered',
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from('<a/>'),
  timing: { queued: 0, called: 1 },
};
const REPLY = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":1}' };

type Quality = Pick<Agreement, 'evidence' | 'strictEvidence'>;

/** A ledger that is there, or away. */
function ledger(quality: Partial<Quality>, spoken?: string, isAway = false, sleeps = false) {
  let wake: () => void = () => undefined;
  const awake = sleeps ? new Promise<void>((resolve) => (wake = resolve)) : null;
  const away = new Fault('store-unavailable', { detail: 'away' });
  const written: { how: string; row: QueryOpening & Partial<QueryRecord> }[] = [];
  const writes = (how: string) => async (row: QueryOpening) => {
    if (isAway) throw away;
    if (awake) await awake;
    written.push({ how, row });
  };
  const problems: unknown[] = [];
  const counted: number[] = [];
  const writeDown = createWriteDown({
    sealFor: () => null,
    outage: () => null,
    trace: { record: writes('record'), open: writes('open'), close: writes('close') },
    unrecorded: () => void counted.push(1),
    problem: (error) => void problems.push(error),
  });
  const agreement = { evidence: 'digest', strictEvidence: false, ...quality } as Agreement;
  return { evidence: writeDown(question(spoken), agreement), written, problems, counted, wake: () => wake() };
}

const INVALID = new Fault('answer-invalid', { detail: 'wrong' });

describe('the evidence of a query', () => {
  it('8: digest: facts and digests, of the address that was asked too, and no bytes', async () => {
    const { evidence, written } = ledger({});
    await evidence.asked();
    evidence.heard(PROVIDED);
    await evidence.answered(REPLY);
    expect(written).toMatchObject([
      {
        how: 'record',
        row: {
          content: null,
          answer: null,
          end: { kind: 'answered', status: 200, size: 7, digest: sha256(REPLY.body) },
          message: { headers: { 'content-type': '' } },
        },
      },
    ]);
    expect(written[0]!.row.message.digest).not.toBe(sha256(''));
  });

  it('8: full: the bytes of both, with the address and what of its headers goes on, and no credentials', async () => {
    const { evidence, written } = ledger({ evidence: 'full' });
    evidence.heard(PROVIDED);
    await evidence.answered(REPLY);
    const { row } = written[0]!;
    expect([row.content?.toString(), row.answer?.content.toString()]).toEqual(['asked', REPLY.body]);
    expect(row.message.headers).toMatchObject({ 'x-method': 'GET', 'x-path': '/residenti/1', 'x-query': 'anno=2026' });
    expect(JSON.stringify(row.message.headers)).not.toContain('secret');
    expect(row.answer?.message).toMatchObject({
      profile: 'answer',
      relatesTo: 'q',
      sender: { system: 'pratola' },
      protocol: 'rest',
      digest: sha256(REPLY.body),
    });
  });

  it('8: full: the bytes that are sent, which are not copied', async () => {
    const { evidence, written } = ledger({ evidence: 'full' });
    const body = Buffer.from(REPLY.body);
    await evidence.answered({ ...REPLY, body });
    const { answer, end } = written[0]!.row;
    expect(answer?.content).toBe(body);
    expect(end).toMatchObject({ size: 7, digest: sha256(REPLY.body) });
  });

  it('8: full: of an answer that was written anew, what the provider said', async () => {
    const { evidence, written } = ledger({ evidence: 'full' }, 'soap11');
    evidence.heard(PROVIDED);
    await evidence.answered(REPLY);
    const { answer, end } = written[0]!.row;
    expect([answer?.content, answer?.message.protocol]).toEqual([PROVIDED.body, 'soap11']);
    expect(end).toMatchObject({ digest: sha256(REPLY.body) });
  });

  it('8: full: of one that is given again, what was given', async () => {
    const { evidence, written } = ledger({ evidence: 'full' });
    await evidence.answered(REPLY);
    expect(written[0]!.row.answer?.content.toString()).toBe(REPLY.body);
  });

  it('8: full: what the provider said and could not be handed on', async () => {
    const { evidence, written } = ledger({ evidence: 'full' });
    evidence.heard(PROVIDED);
    await evidence.failed(INVALID);
    expect(written[0]!.row).toMatchObject({ end: { kind: 'failed', fault: { code: 'answer-invalid' } } });
    expect(written[0]!.row.answer?.content).toEqual(PROVIDED.body);
  });

  it('8: none: nothing but a count, and what has failed', async () => {
    const { evidence, written, counted } = ledger({ evidence: 'none' });
    evidence.heard(PROVIDED);
    await evidence.answered(REPLY);
    expect([written, counted]).toEqual([[], [1]]);
    await evidence.failed(INVALID);
    expect(written).toMatchObject([{ how: 'record', row: { content: null, answer: null } }]);
  });

  it('8: none and strict: nothing is opened that would never be closed', async () => {
    const { evidence, written, counted } = ledger({ evidence: 'none', strictEvidence: true });
    await evidence.asked();
    await evidence.answered(REPLY);
    expect([written, counted]).toEqual([[], [1]]);
  });

  it('8: strict: a ledger that is silent for 5 s is away; what it writes later is a question that was not asked', async () => {
    jest.useFakeTimers();
    try {
      const { evidence, written, wake } = ledger({ strictEvidence: true }, 'rest', false, true);
      const asked = evidence.asked().catch(({ code }: Fault) => code);
      await jest.advanceTimersByTimeAsync(5_000);
      expect([await asked, written]).toEqual(['store-unavailable', []]);
      wake();
      await jest.advanceTimersByTimeAsync(0);
      expect(written).toMatchObject([
        { how: 'open' },
        { how: 'close', row: { end: { kind: 'failed', fault: { code: 'store-unavailable' } } } },
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('8: strict: before it is asked and before it is answered', async () => {
    const { evidence, written } = ledger({ evidence: 'full', strictEvidence: true });
    await evidence.asked();
    expect(written.map(({ how }) => how)).toEqual(['open']);
    evidence.heard(PROVIDED);
    await evidence.answered(REPLY);
    expect(written.map(({ how }) => how)).toEqual(['open', 'close']);
  });

  it('8: strict: nothing goes on while the ledger is away; else it does, and somebody is told', async () => {
    const strict = ledger({ strictEvidence: true }, 'rest', true);
    await expect(strict.evidence.asked()).rejects.toMatchObject({ code: 'store-unavailable' });
    const behind = ledger({}, 'rest', true);
    await behind.evidence.asked();
    await behind.evidence.answered(REPLY);
    await Promise.resolve();
    expect(behind.problems).toMatchObject([{ code: 'store-unavailable' }]);
  });
});
