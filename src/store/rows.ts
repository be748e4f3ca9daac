import type { QueueItem } from '../acceptance/ports.js';
import type { Delivery, DeliveryOrder } from '../message/delivery.js';
import type { Message } from '../message/message.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';

/** A message that was accepted: nothing of it is missing. */
type AcceptedRow = {
  [K in keyof MessageRow]: K extends 'relatesTo' | 'replyTo' | 'receiver' | 'fault'
    ? MessageRow[K]
    : NonNullable<MessageRow[K]>;
};

/** Columns of message `m` under the names of the entity, as one JSON value. */
export const MESSAGE_JSON = `json_build_object('id', m.id, 'messageId', m.message_id, 'correlationId', m.correlation_id,
  'relatesTo', m.relates_to, 'replyTo', m.reply_to, 'senderParticipant', m.sender_participant, 'senderSystem', m.sender_system,
  'service', m.service, 'version', m.version, 'operation', m.operation, 'profile', m.profile,
  'protocol', m.protocol, 'format', m.format, 'headers', m.headers, 'digest', m.digest, 'size', m.size,
  'acceptedAt', m.accepted_at)`;

/** Columns of delivery `d` under the names of the entity. */
export const DELIVERY_COLUMNS = `d.message_id AS "messageId", d.id, d.kind,
  d.receiver_participant AS "receiverParticipant", d.receiver_system AS "receiverSystem", d.agreement, d.state,
  d.epoch, d.attempts, d.next_attempt_at AS "nextAttemptAt", d.expires_at AS "expiresAt", d.receipt,
  d.conversation, d.sequence, d.numbered, d.held, d.lease_owner AS "leaseOwner", d.lease_until AS "leaseUntil"`;

export function messageOf(stored: MessageRow): Message {
  const row = stored as AcceptedRow;
  return {
    id: row.id,
    messageId: row.messageId,
    correlationId: row.correlationId,
    relatesTo: row.relatesTo,
    replyTo: row.replyTo,
    sender: { participant: row.senderParticipant, system: row.senderSystem },
    service: row.service,
    version: row.version,
    operation: row.operation,
    profile: row.profile,
    protocol: row.protocol,
    format: row.format,
    headers: row.headers,
    digest: row.digest,
    size: row.size,
    acceptedAt: new Date(row.acceptedAt),
  };
}

export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    deliveryId: row.id,
    messageId: row.messageId,
    epoch: row.epoch,
    kind: row.kind,
    receiver: { participant: row.receiverParticipant, system: row.receiverSystem },
    agreement: row.agreement,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    expiresAt: row.expiresAt,
    receipt: row.receipt,
    ...(row.conversation !== null && {
      order: orderOf(row.conversation, row),
      held: row.held && row.state === 'QUEUED',
    }),
  };
}

/** One name in the ledger: the sending system, a blank, and what it calls the conversation; a second blank: it names none. */
export const conversationKey = (sender: string, { conversation }: DeliveryOrder, agreement: string): string =>
  `${sender} ${conversation ?? ` ${agreement}`}`;

function orderOf(key: string, { sequence, numbered }: DeliveryRow): DeliveryOrder {
  const name = key.slice(key.indexOf(' ') + 1);
  return { conversation: name.startsWith(' ') ? null : name, sequence: numbered ? sequence : null };
}

export function queueItemOf(row: DeliveryRow & { message: MessageRow; content: Buffer | null }): QueueItem {
  const { deliveryId, messageId, epoch, held: _held, ...delivery } = deliveryOf(row);
  return { deliveryId, messageId, epoch, delivery, message: messageOf(row.message), content: row.content };
}
