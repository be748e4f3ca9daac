import type { DeliveryOrder } from '../../message/delivery.js';
import { testMark } from '../../message/test-message.js';
import type { DeliveryJob } from '../channel.js';

type Headers = Readonly<Record<string, string>>;

/**
 * What goes with every message and receipt, over HTTP and AMQP alike. `idempotency-key` is the delivery's id: the same over all attempts, and another one for
 * each receiver and for a receipt about the same message. `x-message-id` is the sender's id, `x-gateway-id` ours.
 */
export function deliveryHeaders({ item, attempt, trace }: Pick<DeliveryJob, 'item' | 'attempt' | 'trace'>): Headers {
  const { message, delivery } = item;
  return {
    'idempotency-key': item.deliveryId,
    'x-correlation-id': message.correlationId,
    'x-message-id': message.messageId,
    'x-gateway-id': message.id,
    ...(delivery.kind === 'message' && { 'x-sender': message.sender.participant }),
    ...orderHeaders(delivery.order),
    'x-attempt': String(attempt),
    ...(delivery.kind === 'message' && testMark(message.headers)),
    ...trace,
  };
}

const orderHeaders = (order: DeliveryOrder | null | undefined): Headers => ({
  ...(order?.conversation && { 'x-conversation-id': order.conversation }),
  ...(order?.sequence && { 'x-sequence-number': String(order.sequence) }),
});

/** Later ones win; names in lower case, values as RFC 9110 §5.5 lets them be. */
export function joinHeaders(...lists: readonly Headers[]): Record<string, string> {
  const all = lists.flatMap((headers) => Object.entries(headers));
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), cleanValue(value)]));
}

/** Everything but tab, visible ASCII, blank and Latin-1 is percent-encoded in UTF-8: no line can be added. */
export function cleanValue(value: string): string {
  return value.replace(/[^\t\x20-\x7e\xa0-\xff]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
