import { newId } from '../new-id.js';
import type { AcceptRecord } from '../acceptance/accept.js';
import type { NewDelivery } from '../acceptance/ports.js';
import { answerMessage, type GivenAnswer } from '../message/answer.js';
import type { Message, Party } from '../message/message.js';
import type { Acceptance } from '../message/stages.js';
import { EXPIRES_AFTER_S } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';

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
    const message = answerMessage(asked, sender, given, { id: newId(), ...read });
    const deliveries = deliveriesOf(asked, sender, registry());
    return accept({ message, content: given.body, deliveries, stations: [] }, [asked.sender.participant]);
  };
}

function deliveriesOf(asked: Message, { participant }: Party, registry: Pick<Registry, 'agreement'>): NewDelivery[] {
  if (!asked.replyTo) return [];
  const agreement = registry.agreement(asked.sender.participant, participant, asked.service, asked.version);
  const expiresAt = new Date(Date.now() + (agreement?.expiresAfter ?? EXPIRES_AFTER_S) * 1000);
  return [{ deliveryId: newId(), receiver: asked.sender, agreement: agreement?.id ?? '', expiresAt }];
}
