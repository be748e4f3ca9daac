import { composeReceipt } from '../receipt/compose.js';
import { END_STATES } from '../message/delivery.js';
import type { Receipt } from '../message/receipt.js';
import type { MessageStatus } from './ports.js';

/** A message's status resource as its sender sees it: JSON, with the receipts so far and the way to its answer. */
export function showStatus(status: MessageStatus, publicUrl: string, isAnswered = false) {
  const { sender, receiver: _receiver, fault, deliveries, acceptedAt, ...facts } = status;
  return {
    ...facts,
    sender: sender.participant,
    acceptedAt: acceptedAt.toISOString(),
    fault,
    deliveries: deliveries.filter(({ kind }) => kind === 'message').map(showDelivery),
    receipts: receiptsOf(status),
    links: {
      self: `${publicUrl}/messages/${status.id}`,
      timeline: `${publicUrl}/messages/${status.id}/timeline`,
      ...(isAnswered && { answer: `${publicUrl}/messages/${status.id}/answer` }),
    },
  };
}

function showDelivery(delivery: MessageStatus['deliveries'][number]) {
  return {
    deliveryId: delivery.deliveryId,
    receiver: delivery.receiver.participant,
    state: delivery.state,
    attempts: delivery.attempts,
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    expiresAt: delivery.expiresAt.toISOString(),
    endedAt: delivery.endedAt?.toISOString() ?? null,
    fault: delivery.lastFault,
    ...(delivery.order && { ...delivery.order, waitsForItsTurn: delivery.held === true }),
  };
}

function receiptsOf(status: MessageStatus): readonly Receipt[] {
  const ids = { id: status.id, messageId: status.messageId ?? '', correlationId: status.correlationId ?? '' };
  if (status.state === 'REJECTED')
    return [composeReceipt('', ids, { state: 'FAILED', fault: status.fault }, status.acceptedAt)].map(withoutReceiver);
  const taken: Receipt = { kind: 'taken', ...ids, receiver: null, at: status.acceptedAt.toISOString(), fault: null };
  const ended = status.deliveries.filter(
    ({ kind, state, endedAt }) => kind === 'message' && endedAt !== null && END_STATES.includes(state),
  );
  const ends = ended.map((delivery) => {
    const fault = delivery.state === 'DELIVERED' ? null : delivery.lastFault;
    return composeReceipt(
      delivery.receiver.participant,
      ids,
      { state: delivery.state, fault },
      delivery.endedAt as Date,
    );
  });
  return [taken, ...ends];
}

const withoutReceiver = (receipt: Receipt): Receipt => ({ ...receipt, receiver: null });
