import { Fault, faultFrom, faultOf } from '../message/fault.js';
import type { Message, Party } from '../message/message.js';
import type { Reply, StationClock } from '../message/stages.js';
import { messageOf } from '../policy/message-of.js';
import { preferredWaitMs } from '../policy/prefer.js';
import type { Validated } from '../policy/stages.js';
import type { Agreement, Endpoint } from '../registry/model.js';
import { pausedFault } from '../registry/paused.js';
import type { ReadAnswer } from './answer.js';
import type { Question } from './asked.js';
import { requestHeaders } from './carried-headers.js';
import { endpointOf } from './endpoint.js';
import type { Evidence, WriteDown } from './evidence.js';
import type { QueryBroker, QueryItem, QueryTiming } from './ports.js';
import type { TakeRoom } from './room.js';

/** The answer to a question as its consumer takes it; throws what an `Asked` tells as its fault. */
export type AnswerTo = (question: Question, signal: AbortSignal) => Promise<Reply>;

interface AskParts {
  readonly answerTo: AnswerTo;
  readonly writeDown: WriteDown;
  readonly takeRoom: TakeRoom;
}

/** A question with what came of it; a fault is the provider's, the broker's, answer-invalid or mediation-failed. */
export type Asked = { readonly message: Message } & ({ readonly reply: Reply } | { readonly fault: Fault });

/** What one question of several is held to. */
export interface AskBounds {
  /** When the answer must be there, in place of what the request prefers. */
  readonly by: Date;
  /** Bytes of the answer; a longer one is receiver-error. */
  readonly maxBytes: number;
}

/**
 * Asks the provider of a query and waits for its answer. `signal` is aborted when the consumer hangs up. Throws
 * destination-missing, and overloaded or receiver-overloaded where there is no room for the question.
 */
export type Ask = (validated: Validated, signal: AbortSignal, bounds?: AskBounds) => Promise<Asked>;

export function createAsk({ answerTo, writeDown, takeRoom }: AskParts): Ask {
  return async (validated, signal, bounds) => {
    const [route] = validated.routes;
    if (!route) throw new Error('a query that is authorised has a route');
    const { receiver, agreement } = route;
    const party = { participant: receiver.participant, system: receiver.id };
    const { id: service, version } = validated.service;
    const endpoint = endpointOf(receiver, party, { service, version });
    const item = itemOf(validated, party, agreement, deadlineOf(validated, endpoint, bounds));
    const leave = takeRoom(party, item.content.length);
    const evidence = writeDown({ asked: validated, item, endpoint }, agreement);
    const question = { asked: validated, item, endpoint, heard: evidence.heard };
    return writtenDown(evidence, item.message, async () => {
      if (receiver.paused) throw pausedFault(receiver);
      const reply = await answerTo(question, signal);
      const size = Buffer.byteLength(reply.body);
      if (bounds && size > bounds.maxBytes) throw tooLong(item, size, bounds);
      return reply;
    }).finally(leave);
  };
}

async function writtenDown(evidence: Evidence, message: Message, answer: () => Promise<Reply>): Promise<Asked> {
  const failed = async (error: unknown) => {
    const fault = faultFrom(error);
    await evidence.failed(fault);
    throw fault;
  };
  try {
    await evidence.asked();
    const reply = await answer().catch(failed);
    await evidence.answered(reply);
    return { message, reply: { ...reply, headers: { ...reply.headers, ...idsOf(message) } } };
  } catch (error) {
    return { message, fault: faultFrom(error) };
  }
}

/** From the provider, through the broker. */
export function createAnswerTo(broker: Pick<QueryBroker, 'ask'>, readAnswer: ReadAnswer): AnswerTo {
  return async (question, signal) => {
    const { asked, item } = question;
    const outcome = await broker.ask(item, signal).finally(() => asked.clock.mark('wait'));
    note(asked.clock, outcome.timing);
    if (outcome.kind === 'failed') throw faultOf(outcome.fault);
    question.heard(outcome);
    const reply = await readAnswer(question, outcome);
    asked.clock.mark('answer');
    return reply;
  };
}

function note(clock: StationClock, { queued, called, hedge, attempts }: QueryTiming): void {
  clock.note('wait: queued', queued);
  clock.note('wait: called', called);
  if (hedge !== undefined) clock.note('wait: hedge', hedge);
  attempts?.forEach((ms, index) => clock.note(`wait: attempt ${index + 1}`, ms));
}

const tooLong = ({ receiver }: QueryItem, size: number, { maxBytes }: AskBounds) =>
  new Fault('receiver-error', {
    detail: `The answer has ${size} bytes.`,
    place: receiver.participant,
    expected: `at most ${maxBytes} bytes of each answer`,
  });

/** The provider's own limit is never passed. */
function deadlineOf({ headers }: Validated, { timeoutMs }: Endpoint, bounds?: AskBounds): Date {
  const now = Date.now();
  const by = bounds?.by.getTime() ?? now + (preferredWaitMs(headers) ?? Infinity);
  return new Date(Math.min(by, now + timeoutMs));
}

function itemOf(validated: Validated, receiver: Party, agreement: Agreement, deadline: Date): QueryItem {
  const { address, content, headers, operation } = validated;
  return {
    message: messageOf(validated),
    receiver,
    agreement: agreement.id,
    target: {
      method: address.method,
      path: address.path,
      query: address.query,
      headers: requestHeaders(headers, operation),
    },
    content,
    deadline,
  };
}

const idsOf = ({ id, messageId, correlationId }: Message) => ({
  'x-gateway-id': id,
  'x-message-id': messageId,
  'x-correlation-id': correlationId,
});
