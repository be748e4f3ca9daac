import { faultFrom, type Fault } from '../../message/fault.js';
import type { Attempt } from '../../message/delivery.js';
import type { ChannelResult } from '../channel.js';

const RESPONSE_KEPT_BYTES = 4_096;

/** One try as it is written down: begun where it is going out, closed with what came of it. */
export interface OpenAttempt {
  close(end: AttemptEnd): ChannelResult;
  /** A try that failed before there was an answer: retry or refused, as the fault says. */
  fail(error: unknown): ChannelResult;
}

export interface AttemptEnd {
  readonly outcome: ChannelResult['outcome'];
  readonly fault?: Fault;
  readonly retryAfterMs?: number;
  readonly answer?: { readonly status: number; readonly body: Buffer };
}

export function beginAttempt(number: number, target: string): OpenAttempt {
  const startedAt = new Date();
  const start = performance.now();
  const close = ({ outcome, fault, retryAfterMs, answer }: AttemptEnd): ChannelResult => {
    const record = fault?.toRecord() ?? null;
    const attempt: Attempt = {
      number,
      startedAt,
      duration: Math.round(performance.now() - start),
      target,
      status: answer?.status ?? null,
      response: answer ? kept(answer.body) : null,
      fault: record,
    };
    return { outcome, attempt, ...(record && { fault: record }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  };
  return {
    close,
    fail: (error) => {
      const fault = faultFrom(error);
      return close({ outcome: fault.kind.retryable ? 'retry' : 'refused', fault });
    },
  };
}

/** PostgreSQL text holds no NUL. */
const kept = (body: Buffer) => body.subarray(0, RESPONSE_KEPT_BYTES).toString('utf8').replaceAll('\0', '\uFFFD');
