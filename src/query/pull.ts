import { Fault } from '../message/fault.js';
import type { Registry } from '../registry/registry.js';
import { endpointOf, fetchesQuestions } from './endpoint.js';
import type { LateAnswer, QueryHandler } from './ports.js';
import { unknownQuestion, type HandedAnswer, type HandedQuestion } from './handed-out.js';
import { answered, outcomeOf } from './outcome.js';
import { PullQueue } from './pull-queue.js';
import type { WriteQuestion } from './question.js';

export interface PullParts {
  readonly registry: () => Pick<Registry, 'system'>;
  readonly writeQuestion: WriteQuestion;
  /** Told of an answer that came after the deadline, once. */
  readonly late: (late: LateAnswer) => void;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
  /** Aborted when this node stops: pullers can answer it no more. */
  readonly stopSignal: AbortSignal;
}

/** The systems that fetch their questions from this node. A question is handed out at most once. */
export interface Pulls {
  /** Keeps a question until a puller has answered it or its deadline has passed. */
  readonly park: QueryHandler;
  /**
   * The next question to the system; null where none came in `waitMs` or `signal` was aborted. Throws stopping, and
   * question-unknown for a system that fetches no questions.
   */
  fetch(system: string, waitMs: number, signal: AbortSignal): Promise<HandedQuestion | null>;
  /** Hands the answer to who asked. Throws question-unknown (also for another system), question-expired. */
  answer(system: string, id: string, answer: HandedAnswer): void;
  /** Whether a puller of the system is, or was a moment ago, connected to this node. */
  isConnected(system: string): boolean;
  /** Called when `isConnected` has changed; a puller is told of no question only when that has resolved. */
  onChange(listener: () => Promise<void>): void;
}

export function createPulls(parts: PullParts): Pulls {
  const { registry, stopSignal } = parts;
  const queues = new Map<string, PullQueue>();
  const listeners: (() => Promise<void>)[] = [];
  const changed = async () => void (await Promise.all(listeners.map((listener) => listener())));
  const late = (id: string, answer: HandedAnswer) => parts.late({ id, outcome: answered(answer, 0) });
  const queueOf = (system: string) => {
    const queue = queues.get(system) ?? new PullQueue({ changed, late });
    queues.set(system, queue);
    return queue;
  };
  stopSignal.addEventListener('abort', () => queues.forEach((queue) => queue.stop(stopping())), { once: true });
  return {
    park: createPark(queueOf, parts),
    fetch: async (system, waitMs, signal) => {
      if (stopSignal.aborted) throw stopping();
      requireFetching(system, registry());
      return queueOf(system).fetch(waitMs, signal);
    },
    answer: (system, id, answer) => {
      const queue = queues.get(system);
      if (!queue) throw unknownQuestion(id);
      queue.answer(id, answer);
    },
    isConnected: (system) => !stopSignal.aborted && queues.get(system)?.isConnected === true,
    onChange: (listener) => void listeners.push(listener),
  };
}

function createPark(queueOf: (system: string) => PullQueue, parts: PullParts): QueryHandler {
  return outcomeOf(async (item, signal) => {
    const endpoint = endpointOf(parts.registry().system(item.receiver.system), item.receiver, item.message);
    const written = await parts.writeQuestion(item, endpoint);
    if (parts.stopSignal.aborted) throw stopping();
    return queueOf(item.receiver.system).park({ item, written }, signal);
  }, parts.problem);
}

const stopping = () => new Fault('stopping', { detail: 'This node is stopping.', retryAfterSeconds: 5 });

function requireFetching(system: string, registry: Pick<Registry, 'system'>): void {
  if (fetchesQuestions(registry.system(system))) return;
  throw new Fault('question-unknown', {
    detail: `System ${system} fetches no questions.`,
    place: 'provides',
    expected: 'an endpoint without url and by in the document of the system',
  });
}
