import type { Mediator } from '../mediation/mediator.js';
import { PROCESSING, writeProcessingStatus, type ProcessingStatus } from '../mediation/processing-status.js';
import { Fault, faultFrom, faultOf } from '../message/fault.js';
import type { Message, QName } from '../message/message.js';
import type { Reply } from '../message/stages.js';
import type { Resolved, Validated } from '../policy/stages.js';
import { validate } from '../policy/validate.js';
import type { AnswerCodec, AnswerContext, Payload, Protocol } from '../protocol/protocol.js';
import type { Operation } from '../registry/model.js';
import { failureOf, type Follow, type FollowParts } from './follow.js';
import type { Exchanges } from './ports.js';

/**
 * ModI NONBLOCK_PULL_SOAP: answers an operation by which a sender asks for the status or the result of its message, out of the
 * ledger; the provider is not asked. Never throws: a fault is told in SOAP and not recorded, for a sender asks often.
 */
export type SoapPolling = (resolved: Resolved, context: AnswerContext) => Promise<Reply>;

export interface SoapPollingParts {
  readonly exchanges: Pick<Exchanges, 'polledBy' | 'answersTo'>;
  readonly trace: FollowParts['trace'];
  readonly follow: Pick<Follow, 'answer'>;
  readonly codec: Protocol & AnswerCodec;
  readonly mediator: Mediator;
  /** Told of what is no fault of the sender. */
  readonly problem: (error: unknown) => void;
}

export function createSoapPolling(parts: SoapPollingParts): SoapPolling {
  return async (resolved, context) => {
    try {
      const asked = await validate({ ...resolved, routes: [] }, []);
      return await told(asked, await polledMessage(asked, parts.exchanges), parts);
    } catch (error) {
      if (!(error instanceof Fault)) parts.problem(error);
      return parts.codec.refused(faultFrom(error), resolved, context);
    }
  };
}

async function told(asked: Validated, message: Message, parts: SoapPollingParts): Promise<Reply> {
  const { operation, caller, protocol } = asked;
  const { id, correlationId } = message;
  if (operation.follows?.asks === 'result') return parts.follow.answer(caller, id, { protocol, format: 'xml' });
  const isAnswered = (await parts.exchanges.answersTo([id])).has(id);
  const status = isAnswered ? null : await parts.trace.status(id);
  const failure = status && failureOf(status);
  if (failure) throw faultOf(failure);
  const payload = statusIn(isAnswered ? 'done' : 'processing', operation, operation.output, parts.mediator);
  const { headers, body } = parts.codec.answered(asked, payload, message);
  const ids = { 'x-gateway-id': id, 'x-correlation-id': correlationId, 'cache-control': 'no-store' };
  return { status: 200, headers: { ...headers, ...ids }, body };
}

/** What a SOAP sender of a message that is polled is told of its acceptance, beside what everyone is told; null: nobody polls it. */
export function acceptedForPolling(
  { operation, service, binding }: Validated,
  mediator: Mediator,
): AnswerContext['polled'] | null {
  const isPolled = service.operations.some(({ follows }) => follows?.operation === operation.name);
  if (binding !== 'soap' || !isPolled) return null;
  const { acceptedAs } = operation;
  return { accepted: acceptedAs && statusIn('accepted', operation, acceptedAs, mediator) };
}

function statusIn(
  word: ProcessingStatus['status'],
  { name, xsd }: Operation,
  element: QName | null,
  mediator: Mediator,
): Payload {
  if (xsd && element) return writeProcessingStatus(PROCESSING[word], { xsd, element }, mediator);
  throw new Fault('schema-missing', { detail: `${name} publishes no status.` });
}

/** The sender's own message to the participant of the address. Throws parameter-wrong, message-unknown. */
async function polledMessage(asked: Validated, exchanges: SoapPollingParts['exchanges']): Promise<Message> {
  const { correlationId, relatesTo, caller, service, operation, address } = asked;
  const name = relatesTo ?? correlationId;
  if (name === null) throw notNamed(operation);
  const sent = await exchanges.polledBy(name, {
    sender: caller.participant,
    receiver: address.participant ?? '',
    service: service.id,
    version: service.version,
    operation: operation.follows?.operation ?? '',
  });
  const [message, other] = sent.filter((one) => isNamed(one, asked));
  if (other) throw ambiguous(name);
  if (message) return message;
  throw new Fault('message-unknown', {
    detail: `No message "${name.slice(0, 64)}" of yours to ${address.participant}.`,
    place: correlationId === null ? 'wsa:RelatesTo' : PLACE,
    expected: `the X-Correlation-ID of the answer to ${operation.follows?.operation}`,
  });
}

/** Each name that is given must be one of the message. */
function isNamed(message: Message, { correlationId, relatesTo }: Pick<Validated, 'correlationId' | 'relatesTo'>) {
  const ids = [message.id, `urn:uuid:${message.id}`];
  return (
    (correlationId === null || [...ids, message.correlationId].includes(correlationId)) &&
    (relatesTo === null || [...ids, message.messageId].includes(relatesTo))
  );
}

const PLACE = 'header block X-Correlation-ID';

const notNamed = ({ name, follows }: Operation) =>
  new Fault('parameter-wrong', {
    detail: `${name} does not say which message it asks for.`,
    place: PLACE,
    expected: `the X-Correlation-ID of the answer to ${follows?.operation}, or its id in wsa:RelatesTo`,
  });

const ambiguous = (name: string) =>
  new Fault('parameter-wrong', {
    detail: `More than one of your messages goes by "${name.slice(0, 64)}".`,
    place: PLACE,
    expected: 'the id of one message in wsa:RelatesTo too',
  });
