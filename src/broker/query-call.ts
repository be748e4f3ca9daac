import { faultFrom } from '../message/fault.js';
import type { QueryHandler, QueryItem, QueryOutcome } from '../query/ports.js';
import { timeoutFault } from './pending-asks.js';

/** A question as it lies in the queue of a system. */
export interface Question {
  readonly item: QueryItem;
  /** When it was asked, milliseconds since 1970 by the clock of the asking process. */
  readonly askedAt: number;
}

/** Hands the question out and says how long it took; the signal is aborted at the deadline or with `gone`. Never rejects. */
export async function callHandler(
  handler: QueryHandler,
  { item, askedAt }: Question,
  gone: AbortSignal,
): Promise<QueryOutcome> {
  const queued = Math.max(0, Date.now() - askedAt);
  const ended = new AbortController();
  const leave = () => ended.abort(gone.reason);
  if (gone.aborted) leave();
  else gone.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => ended.abort(timeoutFault()), item.deadline.getTime() - Date.now());
  const begun = performance.now();
  const timing = () => ({ queued, called: Math.round(performance.now() - begun) });
  try {
    const outcome = await handler(item, ended.signal);
    return { ...outcome, timing: { ...outcome.timing, ...timing() } };
  } catch (error) {
    return { kind: 'failed', fault: faultFrom(error).toRecord(), timing: timing() };
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
  }
}

/**
 * A question by the clock of this process, to which it came at `came`. RabbitMQ hands out none whose time is over: one that looks so, or that
 * comes before it was asked, is of a node with another clock, and has from now on the time that its consumer gave it.
 */
export function byOwnClock({ item, askedAt }: Question, came: number): Question {
  const deadline = item.deadline.getTime();
  if (askedAt <= came && came < deadline) return { item, askedAt };
  return { item: { ...item, deadline: new Date(came + deadline - askedAt) }, askedAt: came };
}

export function isPast(item: QueryItem): boolean {
  return item.deadline.getTime() <= Date.now();
}
