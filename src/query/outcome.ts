import { Fault, faultFrom } from '../message/fault.js';
import type { HandedAnswer } from './handed-out.js';
import type { Answered, QueryHandler, QueryItem } from './ports.js';

/** What is longer cannot be held for the consumer. */
export const MAX_ANSWER_BYTES = 20 * 1024 * 1024;

/** Makes a handler of what gives an answer or throws; `problem` is told of an error that is no Fault. */
export function outcomeOf(
  answer: (item: QueryItem, signal: AbortSignal) => Promise<HandedAnswer>,
  problem: (error: unknown, about: { readonly messageId: string }) => void,
): QueryHandler {
  return async (item, signal) => {
    const start = performance.now();
    const elapsed = () => Math.round((performance.now() - start) * 100) / 100;
    try {
      return answered(await answer(item, signal), elapsed());
    } catch (error) {
      if (!(error instanceof Fault) && !signal.aborted) problem(error, { messageId: item.message.id });
      return { kind: 'failed', fault: faultFrom(error).toRecord(), timing: { queued: 0, called: elapsed() } };
    }
  };
}

export const answered = ({ status, headers, body }: HandedAnswer, called: number): Answered => ({
  kind: 'answered',
  status,
  headers,
  body,
  timing: { queued: 0, called },
});
