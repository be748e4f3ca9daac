import { hash } from 'node:crypto';
import { newId } from '../new-id.js';
import { answerMessage, type GivenAnswer } from '../message/answer.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { ProtocolName } from '../message/message.js';
import type { Reply } from '../message/stages.js';
import type { Agreement } from '../registry/model.js';
import type { Question } from './asked.js';
import { keptDigest, keptHeaders } from './kept-request.js';
import type { Answered, Kept, QueryOpening, QueryRecord, QueryTrace } from './ports.js';

/** One question as it is written down. Each throws where its agreement is strict and the ledger could not be written. */
export interface Evidence {
  /** Before the provider is asked. Throws store-unavailable, overloaded. */
  asked(): Promise<void>;
  /** The provider's answer, before anything of it is judged. */
  heard(answer: Answered): void;
  /** Before the consumer has its answer. Throws store-unavailable, overloaded. */
  answered(reply: Reply): Promise<void>;
  /** Before the consumer is told. Throws store-unavailable, overloaded. */
  failed(fault: Fault): Promise<void>;
}

interface EvidenceParts {
  /** That the ledger is known to be away; null: it is not. */
  readonly outage: () => Fault | null;
  readonly trace: Pick<QueryTrace, 'record' | 'open' | 'close'>;
  /** The participant under whose key contents are kept; null: as they are. */
  readonly sealFor: (participants: readonly string[]) => string | null;
  /** Counts a question of which the agreement wants nothing kept. */
  readonly unrecorded: () => void;
  /** Told of what could not be written down behind the answer. */
  readonly problem: (error: unknown) => void;
}

/**
 * Writes a question down as its agreement says. `none`: nothing, unless it fails; `digest`: the facts and SHA-256 of
 * question and answer; `full`: also their bytes. Strict: durable before it goes on; else behind the answer.
 */
export type WriteDown = (question: Omit<Question, 'heard'>, agreement: Agreement) => Evidence;

export function createWriteDown({ trace, sealFor, outage, unrecorded, problem }: EvidenceParts): WriteDown {
  return (question, { evidence, strictEvidence, businessKeys }) => {
    const { message, receiver } = question.item;
    let written: QueryOpening | null = null;
    const opening = () =>
      (written ??= {
        ...openingOf(question, evidence, sealFor([message.sender.participant, receiver.participant])),
        keepKeys: businessKeys ?? 'clear',
      });
    let isOpen = false;
    let answer: Answered | null = null;
    const end = async (how: QueryRecord['end'], kept: GivenAnswer | null, protocol: ProtocolName) => {
      const { marks: stations } = question.asked.clock;
      const keeps = evidence === 'full' && kept !== null;
      const record = { ...opening(), end: how, endedAt: new Date(), stations };
      const whole = { ...record, answer: keeps ? keptAnswer(question, kept, protocol) : null };
      if (isOpen) await inTime(trace.close(whole));
      else void trace.record(whole).catch(problem);
    };
    const failed = (fault: Fault) =>
      end({ kind: 'failed', fault: fault.toRecord() }, answer, question.endpoint.protocol);
    return {
      asked: async () => {
        if (!strictEvidence || evidence === 'none') return;
        const away = outage();
        if (away) throw away;
        const opened = trace.open(opening()).then(() => void (isOpen = true));
        await inTime(opened).catch((error: unknown) => {
          void opened.then(() => failed(faultFrom(error)), told).catch(problem);
          throw error;
        });
        question.asked.clock.mark('evidence');
      },
      heard: (heard) => void (answer = heard),
      answered: async (reply) => {
        if (evidence === 'none') return unrecorded();
        const given = { ...reply, body: Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(reply.body) };
        const facts = { status: reply.status, size: given.body.length, digest: sha256(given.body) };
        const { asked, endpoint } = question;
        const isRewritten = answer !== null && endpoint.protocol !== asked.protocol;
        await end(
          { kind: 'answered', ...facts },
          isRewritten ? answer : given,
          isRewritten ? endpoint.protocol : asked.protocol,
        );
      },
      failed,
    };
  };
}

/** So long a consumer waits for one strict write, milliseconds. */
const LEDGER_MS = 5_000;

/** Rejects with store-unavailable where the ledger is silent; the write goes on, and may yet succeed. */
async function inTime(write: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silent()), LEDGER_MS);
  });
  return Promise.race([write, silence]).finally(() => clearTimeout(timer));
}

const silent = () =>
  new Fault('store-unavailable', { detail: `The ledger was silent for ${LEDGER_MS} ms.`, retryAfterSeconds: 5 });

const told = () => undefined;

/** What a REST question asks stands in its address and headers too, which are not kept of what is kept encrypted. */
function openingOf(
  { asked, item }: Omit<Question, 'heard'>,
  evidence: Agreement['evidence'],
  sealFor: string | null,
): QueryOpening {
  const { message, receiver, content } = item;
  const isRest = asked.binding === 'rest';
  const headers =
    isRest && evidence === 'full' && sealFor === null ? { ...message.headers, ...keptHeaders(asked) } : message.headers;
  const digest = isRest ? keptDigest(asked) : message.digest;
  const { keys: businessKeys } = asked.examination;
  const kept = evidence === 'full' ? content : null;
  return { message: { ...message, headers, digest }, receiver, content: kept, sealFor, businessKeys };
}

function keptAnswer({ item }: Omit<Question, 'heard'>, given: GivenAnswer, protocol: ProtocolName): Kept {
  const read = { id: newId(), protocol, digest: sha256(given.body) };
  return { message: answerMessage(item.message, item.receiver, given, read), content: given.body };
}

const sha256 = (bytes: Buffer) => hash('sha256', bytes, 'hex');
