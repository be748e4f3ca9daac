import type { Delivery } from '../message/delivery.js';
import type { Message } from '../message/message.js';
import type { Registry } from '../registry/registry.js';
import type { Settlement } from '../delivery/ports.js';
import { receiptFor } from './compose.js';

/** Completes a settlement with the service, which its event tells, and the receipt that the sender is owed, so that both are written in one transaction. */
export type Settle = (
  delivery: Pick<Delivery, 'kind' | 'receiver'> & { readonly message: Message },
  end: Omit<Settlement, 'receipt' | 'service'>,
) => Settlement;

export function createSettle(registry: () => Registry): Settle {
  return (delivery, end) => {
    const receipt = receiptFor(delivery, delivery.message, { state: end.state, fault: end.fault }, registry());
    return { ...end, service: delivery.message.service, ...(receipt && { receipt }) };
  };
}
