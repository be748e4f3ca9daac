import { newId } from '../new-id.js';
import type { Message } from '../message/message.js';
import { TEST_HEADER } from '../message/test-message.js';
import { partyOf } from './represent.js';
import { replyToOf } from './reply-to.js';
import type { Validated } from './stages.js';

/** The facts of a message that may go on, under a new id of the gateway; its trace context is among its headers. */
export function messageOf(validated: Validated): Message {
  const id = newId();
  const messageId = validated.messageId ?? `urn:uuid:${id}`;
  const message: Message = {
    id,
    messageId,
    correlationId: validated.correlationId ?? validated.relatesTo ?? messageId,
    relatesTo: validated.relatesTo,
    replyTo: replyToOf(validated),
    sender: partyOf(validated.caller),
    service: validated.service.id,
    version: validated.service.version,
    operation: validated.operation.name,
    profile: validated.operation.profile,
    protocol: validated.protocol,
    format: validated.format,
    headers: validated.contentHeaders,
    digest: validated.examination.digest,
    size: validated.stored?.size ?? validated.content.length,
    acceptedAt: new Date(),
  };
  const mark = validated.isTest ? { [TEST_HEADER]: 'true' } : {};
  return { ...message, headers: { ...message.headers, ...mark, ...validated.trace?.carry(message, validated.origin) } };
}
