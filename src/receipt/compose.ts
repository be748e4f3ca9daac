import { END_STATES, type Delivery } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message } from '../message/message.js';
import type { Receipt } from '../message/receipt.js';
import type { Registry } from '../registry/registry.js';
import type { Settlement } from '../delivery/ports.js';

/** A receipt that could not be pushed for this long is given up; the sender can still fetch it. */
const RECEIPT_LIFE_MS = 5 * 86_400_000;

/**
 * The receipt that a settlement carries back, as a delivery of its own to the sender's system; undefined where the
 * sender only fetches receipts or the agreement has none pushed, where the delivery goes on, or where it is itself a receipt or an answer.
 */
export function receiptFor(
  delivery: Pick<Delivery, 'kind' | 'receiver'>,
  message: Message,
  end: { readonly state: Settlement['state']; readonly fault?: FaultRecord | undefined },
  registry: Registry,
): Settlement['receipt'] {
  const sender = registry.system(message.sender.system);
  if (delivery.kind === 'receipt' || message.profile === 'answer' || !sender?.receiptsTo || !isEnd(end.state))
    return undefined;
  const { service, version } = message;
  const agreement = registry.agreement(sender.participant, delivery.receiver.participant, service, version);
  if (agreement?.receipts === false) return undefined;
  const at = new Date();
  return {
    receipt: composeReceipt(delivery.receiver.participant, message, end, at),
    to: { participant: sender.participant, system: sender.id },
    expiresAt: new Date(at.getTime() + RECEIPT_LIFE_MS),
  };
}

const isEnd = (state: Settlement['state']) => (END_STATES as readonly string[]).includes(state);

/** What a delivery that ended tells the sender. */
export function composeReceipt(
  receiver: string,
  message: Pick<Message, 'id' | 'messageId' | 'correlationId'>,
  end: { readonly state: string; readonly fault?: FaultRecord | null | undefined },
  at: Date,
): Receipt {
  return {
    kind: end.state === 'DELIVERED' ? 'delivered' : 'refused',
    id: message.id,
    messageId: message.messageId,
    correlationId: message.correlationId,
    receiver,
    at: at.toISOString(),
    fault: end.fault ?? null,
  };
}
