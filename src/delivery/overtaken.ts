import { Fault } from '../message/fault.js';
import type { DeliveryRef } from '../message/delivery.js';
import type { Settle } from '../receipt/settle.js';
import type { DeliveryControl, Sweeper } from './ports.js';

interface OvertakenParts {
  readonly control: Pick<DeliveryControl, 'deliveries'>;
  readonly sweeper: Pick<Sweeper, 'expire'>;
  readonly settle: Settle;
}

/** Ends deliveries whose number came after a later one had gone: FAILED, with a receipt to the sender. Throws store-unavailable. */
export function createOvertaken({ control, sweeper, settle }: OvertakenParts) {
  const end = async (ref: DeliveryRef) => {
    const deliveries = await control.deliveries(ref.messageId);
    const delivery = deliveries.find(({ deliveryId }) => deliveryId === ref.deliveryId);
    if (delivery) await sweeper.expire(ref, settle(delivery, { state: 'FAILED', fault: passed(delivery) }));
  };
  return async (refs: readonly DeliveryRef[]): Promise<void> => {
    await Promise.all(refs.map(end));
  };
}

const passed = ({ order, receiver }: Awaited<ReturnType<DeliveryControl['deliveries']>>[number]) =>
  new Fault('sequence-passed', {
    detail: `Number ${order?.sequence} or a later one of the conversation had gone before this message came.`,
    place: receiver.participant,
  }).toRecord();
