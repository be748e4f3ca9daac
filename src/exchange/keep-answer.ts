import { v7 as uuidv7 } from 'uuid';
import type { AcceptRecord } from '../acceptance/accept.js';
import type { NewDelivery } from '../acceptance/ports.js';
import type { Message, Party } from '../message/message.js';
import type { Acceptance } from '../message/stages.js';
import type { Registry } from '../registry/registry.js';
import { answerIdOf } from './ports.js';

/** What a receiver answers to a message that it was sent before. */
export interface GivenAnswer {
  /** As HTTP tells success and failure. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Makes an answer durable, as a message of its own that goes to the sender's callback or lies there until the sender fetches it.
 * Throws duplicate-conflict where the system has answered otherwise before, store-unavailable.
 */
export type KeepAnswer = (
  asked: Message,
  sender: Party,
  given: GivenAnswer,
  read: Pick<Message, 'protocol' | 'digest'>,
) => Promise<Acceptance>;

export function createKeepAnswer(accept: AcceptRecord, registry: () => Pick<Registry, 'agreement'>): KeepAnswer {
  return (asked, sender, given, read) => {
    const message = answerTo(asked, sender, given, read);
    const deliveries = deliveriesOf(asked, sender, registry());
    return accept({ message, content: given.body, deliveries, stations: [] });
  };
}

function answerTo(
  asked: Message,
  sender: Party,
  { status, headers, body }: GivenAnswer,
  { protocol, digest }: Pick<Message, 'protocol' | 'digest'>,
): Message {
  const { 'content-type': type = '', soapaction } = headers;
  return {
    id: uuidv7(),
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
    },
    digest,
    size: body.length,
    acceptedAt: new Date(),
  };
}

const EXPIRES_AFTER_S = 432_000;

function deliveriesOf(asked: Message, { participant }: Party, registry: Pick<Registry, 'agreement'>): NewDelivery[] {
  if (!asked.replyTo) return [];
  const agreement = registry.agreement(asked.sender.participant, participant, asked.service, asked.version);
  const expiresAt = new Date(Date.now() + (agreement?.expiresAfter ?? EXPIRES_AFTER_S) * 1000);
  return [{ deliveryId: uuidv7(), receiver: asked.sender, agreement: agreement?.id ?? '', expiresAt }];
}
