import type { MessageStatus } from '../trace/ports.js';
import type { JournalEvent } from '../trace/events.js';
import type { ActingOperator } from './permissions.js';

/**
 * A message as it stands for one operator: who looks after its sender sees every receiver; who looks after some of its
 * receivers sees what became of it there, and nothing of the others.
 */
export function inSight(message: MessageStatus, { participants }: ActingOperator): MessageStatus {
  if (participants === null || participants.has(message.sender.participant)) return message;
  return {
    ...message,
    deliveries: message.deliveries.filter(({ receiver }) => participants.has(receiver.participant)),
  };
}

/** The same of its journal: what concerns the message as a whole, and its receivers that the operator looks after. */
export function eventInSight({ deliveryId, detail }: JournalEvent, sender: string, operator: ActingOperator): boolean {
  const { participants } = operator;
  if (participants === null || participants.has(sender)) return true;
  const { receiver } = detail;
  return receiver === undefined ? deliveryId === null : participants.has(receiver);
}
