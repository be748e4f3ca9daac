import type { MessageStatus } from '../trace/ports.js';
import type { JournalEvent } from '../trace/events.js';
import type { ActingOperator } from './permissions.js';

/**
 * A message as it stands for one operator: who looks after its sender sees every receiver; who looks after some of its
 * receivers sees what became of it there, and nothing of the others.
 */
export function inSight(message: MessageStatus, { participants }: ActingOperator): MessageStatus {
  if (participants === null || participants.has(message.sender.participant)) return message;
  const deliveries = message.deliveries.filter(({ receiver }) => participants.has(receiver.participant));
  return { ...message, state: stateOf(message, deliveries), deliveries };
}

const ENDED = ['DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED'];

/** As if there were no other receivers: what became of them is not told by the state of the whole either. */
function stateOf({ state, deliveries: all }: MessageStatus, seen: MessageStatus['deliveries']): MessageStatus['state'] {
  const own = seen.filter(({ kind }) => kind === 'message');
  if (own.length === 0 || own.length === all.filter(({ kind }) => kind === 'message').length) return state;
  if (own.some((one) => !ENDED.includes(one.state))) return 'ACCEPTED';
  return own.every((one) => one.state === 'DELIVERED') ? 'COMPLETED' : 'PARTIALLY_FAILED';
}

/** The same of its journal: what concerns the message as a whole, and its receivers that the operator looks after. */
export function eventInSight({ deliveryId, detail }: JournalEvent, sender: string, operator: ActingOperator): boolean {
  const { participants } = operator;
  if (participants === null || participants.has(sender)) return true;
  const { receiver } = detail;
  return receiver === undefined ? deliveryId === null : participants.has(receiver);
}
