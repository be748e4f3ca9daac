import { STATUS_CODES } from 'node:http';
import { Fault } from '../../message/fault.js';
import type { FaultCode } from '../../message/fault-catalogue.js';
import type { AnswerReading, Protocol } from '../../protocol/protocol.js';
import type { HttpAnswer } from '../http-exchange.js';
import type { OutcomeRule } from '../../registry/model.js';
import { retryAfter } from './retry-after.js';

export interface Verdict {
  readonly outcome: 'delivered' | 'retry' | 'refused';
  readonly fault?: Fault;
  readonly retryAfterMs?: number;
}

/** Statuses by which a receiver asks for patience (RFC 9110, RFC 6585 §4, RFC 8470 §5.2). */
export const LATER: readonly number[] = [408, 425, 429, 503];
const REASON_CHARACTERS = 200;

interface Judged {
  readonly protocol: Protocol;
  /** IPA code, the place of a fault. */
  readonly receiver: string;
  readonly outcomes: readonly OutcomeRule[];
}

/** What an answer means for the delivery: as the system's own rules say, else by {@link standard}. */
export async function judge(answer: HttpAnswer, { protocol, receiver, outcomes }: Judged, now: Date): Promise<Verdict> {
  const { fault } = await readFault(answer, protocol);
  const own = outcomes.find((rule) => fits(rule, answer.status, fault?.codes ?? []));
  const outcome = own?.means ?? standard(answer.status, fault, protocol.binding);
  if (outcome === 'delivered') return { outcome };
  const code = outcome === 'refused' ? 'receiver-refused' : 'receiver-error';
  const told = tellFault(code, answer, fault?.reason ?? plainReason(answer), receiver);
  const asked = own !== undefined || LATER.includes(answer.status);
  const wait = outcome === 'retry' && asked ? retryAfter(answer.headers['retry-after'], now) : undefined;
  return { outcome, fault: told, ...(wait !== undefined && { retryAfterMs: wait }) };
}

/**
 * 2xx delivered, unless it holds a fault; 408, 425, 429 and 503 retry as the receiver asks; a SOAP fault by its blame; other 4xx
 * refused for good; 3xx and 5xx retry.
 */
function standard(status: number, fault: AnswerReading['fault'], binding: Protocol['binding']): Verdict['outcome'] {
  if (LATER.includes(status)) return 'retry';
  if (status >= 200 && status < 300 && !fault) return 'delivered';
  const speaks = fault !== null && (binding === 'soap' || status < 300);
  return (speaks ? fault.blame === 'sender' : status >= 400 && status < 500) ? 'refused' : 'retry';
}

function fits(rule: OutcomeRule, status: number, codes: readonly string[]): boolean {
  if (rule.fault !== null && !codes.includes(rule.fault)) return false;
  if (typeof rule.status === 'string') return rule.status === `${Math.floor(status / 100)}xx`;
  return rule.status === null || rule.status === status;
}

/** An answer that its protocol cannot read (cut, HTML, empty) says nothing beyond its status. */
async function readFault({ status, headers, body }: HttpAnswer, protocol: Protocol): Promise<AnswerReading> {
  try {
    return await protocol.readAnswer(status, headers, body);
  } catch (error) {
    if (error instanceof Fault) return { fault: null };
    throw error;
  }
}

function tellFault(code: FaultCode, { status }: HttpAnswer, reason: string, receiver: string): Fault {
  const words = shorten(reason) || STATUS_CODES[status] || 'no reason given';
  return new Fault(code, { detail: `The receiver answered ${status}: ${words}`, place: receiver });
}

/** The body where it is made for people or problem details; never a page of HTML. */
function plainReason({ headers, body }: HttpAnswer): string {
  const type = headers['content-type'] ?? '';
  return /^(text\/plain|application\/([\w.]+\+)?json)\b/i.test(type) ? body.subarray(0, 4_096).toString('utf8') : '';
}

function shorten(reason: string): string {
  const oneLine = reason.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return [...oneLine].slice(0, REASON_CHARACTERS).join('');
}
