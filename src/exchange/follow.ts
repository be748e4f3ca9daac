import { PROCESSING } from '../mediation/processing-status.js';
import { Fault, faultOf, type FaultRecord } from '../message/fault.js';
import type { Caller, Reply } from '../message/stages.js';
import { disclosedRecord } from '../policy/disclose.js';
import { bodiesOf } from '../policy/represent.js';
import type { MessageStatus, TraceReader } from '../trace/ports.js';
import type { Exchanges } from './ports.js';
import type { Wanted, WriteAnswer } from './write-answer.js';

/** How a sender follows its message: `id` is the gateway's id. */
export interface Follow {
  /**
   * ModI NONBLOCK_PULL_REST: 200 while it is processed, 303 to the answer once there is one, both with the status in JSON. `url` is
   * the address that was asked. Throws message-unknown.
   */
  status(caller: Caller, id: string, url: string): Promise<Reply>;
  /** The answer itself. Throws message-unknown, answer-pending, why the message has failed, the faults of writing it. */
  answer(caller: Caller, id: string, wanted: Wanted): Promise<Reply>;
}

export interface FollowParts {
  readonly trace: Pick<TraceReader, 'status'>;
  readonly exchanges: Pick<Exchanges, 'answersTo' | 'content'>;
  readonly writeAnswer: WriteAnswer;
}

export function createFollow(parts: FollowParts): Follow {
  return {
    status: async (caller, id, url) => {
      const message = await ownMessage(id, caller, parts.trace);
      const answer = (await parts.exchanges.answersTo([id])).get(id);
      return progress(message, url, answer !== undefined);
    },
    answer: async (caller, id, wanted) => {
      const message = await ownMessage(id, caller, parts.trace);
      const reply = await answerTo(id, wanted, message.sender.participant, parts);
      const failure = reply ? null : failureOf(message);
      if (failure) throw faultOf(failure);
      if (!reply) throw new Fault('answer-pending', { detail: `Message ${id} has no answer yet.`, place: 'address' });
      return reply;
    },
  };
}

/** The answer to a message, as its sender reads it; null where there is none yet. */
export async function answerTo(
  id: string,
  wanted: Wanted,
  reader: string,
  { exchanges, writeAnswer }: Omit<FollowParts, 'trace'>,
): Promise<Reply | null> {
  const answer = (await exchanges.answersTo([id])).get(id);
  if (!answer) return null;
  const content = await exchanges.content(answer.id);
  if (!content)
    throw new Fault('content-purged', {
      detail: `The answer of ${answer.acceptedAt.toISOString()} is no longer kept.`,
    });
  const reply = await writeAnswer(answer, content, wanted, reader);
  const ids = { 'x-gateway-id': id, 'x-correlation-id': answer.correlationId, 'cache-control': 'no-store' };
  return { ...reply, headers: { ...reply.headers, ...ids } };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One's own message only: another participant's id is as unknown as one that never was. */
export async function ownMessage(
  id: string,
  caller: Caller,
  trace: Pick<TraceReader, 'status'>,
): Promise<MessageStatus> {
  const status = UUID.test(id) ? await trace.status(id, bodiesOf(caller)) : null;
  if (status && isSender(status, caller)) return toldTo(status, caller);
  throw new Fault('message-unknown', { detail: `No message "${id.slice(0, 64)}" of yours.`, place: 'address' });
}

/** A body has all that was sent in its name; who speaks for several has what it sent itself. */
const isSender = ({ sender }: MessageStatus, caller: Caller): boolean =>
  sender.participant === caller.participant ||
  (sender.system === caller.system && bodiesOf(caller).includes(sender.participant));

/** The status with its refusal as this caller may read it. */
export const toldTo = (status: MessageStatus, caller: Caller): MessageStatus =>
  status.fault === null ? status : { ...status, fault: disclosedRecord(status.fault, caller) };

/** Why nobody will answer; null where somebody may. */
export const failureOf = ({ state, fault, deliveries }: MessageStatus): FaultRecord | null =>
  state === 'PARTIALLY_FAILED' || state === 'REJECTED'
    ? (fault ?? deliveries.find(({ lastFault, endedAt }) => lastFault && endedAt)?.lastFault ?? null)
    : null;

function progress(message: MessageStatus, url: string, isAnswered: boolean): Reply {
  const { id, correlationId } = message;
  const fault = failureOf(message);
  const status = isAnswered ? 'done' : fault ? 'failed' : 'processing';
  const result = `${url}/result`;
  const body = {
    status,
    message: status === 'failed' ? 'Non consegnato' : PROCESSING[status].message,
    id,
    ...(isAnswered && { href: result }),
    ...(status === 'failed' && { fault }),
  };
  return {
    status: isAnswered ? 303 : 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-correlation-id': correlationId ?? id,
      ...(isAnswered && { location: result, 'content-location': url }),
    },
    body: JSON.stringify(body),
  };
}
