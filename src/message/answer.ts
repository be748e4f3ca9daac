import type { Message, Party } from './message.js';
import { traceIn } from './trace-context.js';

/** What the system asked has answered, as HTTP tells it. */
export interface GivenAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The message id under which the answer to a message is kept: each receiver has one answer. */
export const answerIdOf = (id: string): string => `urn:crocevia:answer:${id}`;

/** The answer to `asked`, as a message of its own from who was asked; `x-relates-to` is the id that its sender gave. */
export function answerMessage(
  asked: Message,
  sender: Party,
  { status, headers, body }: GivenAnswer,
  { id, protocol, digest }: Pick<Message, 'id' | 'protocol' | 'digest'>,
): Message {
  const { 'content-type': type = '', soapaction } = headers;
  return {
    id,
    messageId: answerIdOf(asked.id),
    correlationId: asked.correlationId,
    relatesTo: asked.id,
    replyTo: asked.replyTo,
    sender,
    service: asked.service,
    version: asked.version,
    operation: asked.operation,
    profile: 'answer',
    protocol,
    format: protocol === 'rest' && /json/i.test(type) ? 'json' : 'xml',
    headers: {
      'content-type': type,
      ...(soapaction && { soapaction }),
      ...(status !== 200 && { 'x-status': String(status) }),
      'x-relates-to': asked.messageId,
      ...(headers['traceparent'] ? traceIn(headers) : traceIn(asked.headers)),
    },
    digest,
    size: body.length,
    acceptedAt: new Date(),
  };
}
