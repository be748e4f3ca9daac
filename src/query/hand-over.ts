import { joinHeaders } from '../delivery/channels/headers.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { Registry } from '../registry/registry.js';
import { amqpUsers, endpointOf } from './endpoint.js';
import { HandedOut, unknownQuestion, type HandedAnswer, type HandedQuestion } from './handed-out.js';
import { answered, MAX_ANSWER_BYTES, outcomeOf } from './outcome.js';
import type { LateAnswer, QueryHandler, QuestionQueues, QueuedAnswer } from './ports.js';
import { handedAnswer, questionHeaders } from './question-headers.js';
import type { WriteQuestion } from './question.js';

export interface HandOverParts {
  readonly registry: () => Pick<Registry, 'system'>;
  readonly writeQuestion: WriteQuestion;
  readonly queues: QuestionQueues;
  /** Told of an answer that came after the deadline, once. */
  readonly late: (late: LateAnswer) => void;
  /** Told of an answer that was not taken: its sender is not there to hear it. */
  readonly refused: (system: string, fault: Fault) => void;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
}

/**
 * Puts each question into the queue that its system reads, once, and waits for the answer of that system's RabbitMQ
 * user. The first answer counts, a repeated one is dropped; one that cannot be read ends the question.
 */
export function createHandOver(parts: HandOverParts): QueryHandler {
  const { registry, writeQuestion, queues, refused, problem } = parts;
  const late = (id: string, answer: HandedAnswer) => parts.late({ id, outcome: answered(answer, 0) });
  const systems = new Map<string, HandedOut>();
  const handedTo = (system: string) => {
    const handed = systems.get(system) ?? new HandedOut(late);
    systems.set(system, handed);
    return handed;
  };
  queues.onAnswer((answer) => {
    try {
      take(answer, systems.get(answer.system), registry());
    } catch (error) {
      refused(answer.system, faultFrom(error));
    }
  });
  return outcomeOf(async (item, signal) => {
    const { system } = item.receiver;
    const endpoint = endpointOf(registry().system(system), item.receiver, item.message);
    const written = await writeQuestion(item, endpoint);
    return put({ item, written }, handedTo(system), queues, signal);
  }, problem);
}

/** An answer may come before the broker has said that it took the question. */
function put(
  question: HandedQuestion,
  handed: HandedOut,
  queues: QuestionQueues,
  signal: AbortSignal,
): Promise<HandedAnswer> {
  const { message, receiver, deadline } = question.item;
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const waiting = { resolve, reject };
    handed.hold(message.id, waiting);
    signal.addEventListener('abort', () => handed.end(message.id, signal.reason, waiting), { once: true });
    const queued = { id: message.id, headers: questionHeaders(question), body: question.written.body, deadline };
    queues.put(receiver.system, queued).catch((error: unknown) => handed.end(message.id, error, waiting));
  });
}

/** Throws what is wrong with the answer; where the question was in the system's hands, it ends with answer-invalid. */
function take(answer: QueuedAnswer, handed: HandedOut | undefined, registry: Pick<Registry, 'system'>): void {
  const { id, headers, body } = answer;
  requireOwnUser(answer, registry);
  if (!handed) throw unknownQuestion(id);
  try {
    requireSize(body);
    // A value of AMQP may be one that no header of HTTP can be.
    handed.answer(id, handedAnswer(joinHeaders(headers), body));
  } catch (error) {
    const { code, info } = faultFrom(error);
    if (code === 'parameter-wrong' || code === 'too-large') handed.end(id, new Fault('answer-invalid', info));
    throw error;
  }
}

function requireSize({ length }: Buffer): void {
  if (length <= MAX_ANSWER_BYTES) return;
  throw new Fault('too-large', {
    detail: `The answer is longer than ${MAX_ANSWER_BYTES} bytes.`,
    place: 'answer',
    expected: `at most ${MAX_ANSWER_BYTES} bytes`,
  });
}

/** RabbitMQ checks `user_id` only where the publisher sets it (RabbitMQ, "Validated User-ID"). */
function requireOwnUser({ system, user }: QueuedAnswer, registry: Pick<Registry, 'system'>): void {
  const own = amqpUsers(registry.system(system));
  if (user !== null && own.includes(user)) return;
  throw new Fault(user === null ? 'credentials-missing' : 'sender-mismatch', {
    detail: 'The answer was not published by the user of the system that was asked.',
    place: 'user_id',
    expected: own.join(', ') || 'an amqp credential of the system',
  });
}
