import { STATUS_CODES } from 'node:http';
import { Fault } from '../../message/fault.js';
import type { FaultCode } from '../../message/fault-catalogue.js';
import type { AnswerReading, Protocol } from '../../protocol/protocol.js';
import type { HttpAnswer } from '../http-exchange.js';
import { retryAfter } from './retry-after.js';

export interface Verdict {
  readonly outcome: 'delivered' | 'retry' | 'refused';
  readonly fault?: Fault;
  readonly retryAfterMs?: number;
}

/** Statuses by which a receiver asks for patience (RFC 9110, RFC 6585 §4, RFC 8470 §5.2). */
export const LATER: readonly number[] = [408, 425, 429, 503];
const REASON_CHARACTERS = 200;

/**
 * What an answer means for the delivery: 2xx delivered, unless it holds a fault; 408, 425, 429 and 503 retry as the
 * receiver asks; a SOAP fault by its blame; other 4xx refused for good; 3xx and 5xx retry.
 */
export async function judge(answer: HttpAnswer, protocol: Protocol, receiver: string, now: Date): Promise<Verdict> {
  const { fault } = await readFault(answer, protocol);
  const { status, headers } = answer;
  const tell = (code: FaultCode) => tellFault(code, answer, fault?.reason ?? plainReason(answer), receiver);
  if (LATER.includes(status)) {
    const wait = retryAfter(headers['retry-after'], now);
    return { outcome: 'retry', fault: tell('receiver-error'), ...(wait !== undefined && { retryAfterMs: wait }) };
  }
  if (status >= 200 && status < 300 && !fault) return { outcome: 'delivered' };
  const ofSender =
    fault && (protocol.binding === 'soap' || status < 300) ? fault.blame === 'sender' : status >= 400 && status < 500;
  return ofSender
    ? { outcome: 'refused', fault: tell('receiver-refused') }
    : { outcome: 'retry', fault: tell('receiver-error') };
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
