import { Fault } from '../message/fault.js';
import type { Delivery, DeliveryState } from '../message/delivery.js';
import type { Message } from '../message/message.js';
import type { Settle } from '../receipt/settle.js';
import { EXPIRES_AFTER_S } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { DeliveryControl, Obeyed, Order, Resend } from './ports.js';

/** What became of an order for one delivery; `state` is the one that it was in. */
export interface OrderResult {
  readonly deliveryId: string;
  /** IPA code. */
  readonly receiver: string;
  readonly state: DeliveryState;
  readonly done: boolean;
}

/** What operators order of deliveries. Throws store-unavailable. */
export interface DeliveryOrders {
  /** Sends anew what has ended without success; with `again` also what was delivered. */
  retry(
    deliveries: readonly string[],
    messageId: string,
    order: Order & { readonly again: boolean },
  ): Promise<readonly OrderResult[]>;
  /** Withdraws what waits; who sent it gets a receipt. */
  cancel(deliveries: readonly string[], messageId: string, order: Order): Promise<readonly OrderResult[]>;
}

export type Subject = Delivery & { readonly message: Message };

/** An order for one delivery. Throws store-unavailable. */
export interface CarryOut {
  retry(subject: Subject, order: Omit<Resend, 'expiresAt'>): Promise<Obeyed>;
  cancel(subject: Subject, order: Order): Promise<Obeyed>;
  discard(subject: Subject, order: Order & Pick<Resend, 'seen'>): Promise<Obeyed>;
}

interface OrderParts {
  readonly control: DeliveryControl;
  readonly settle: Settle;
  readonly registry: () => Pick<Registry, 'agreement'>;
}

/** Adds what the registry and the sender's receipt ask for. */
export function createCarryOut({ control, settle, registry }: OrderParts): CarryOut {
  return {
    retry: (subject, order) => control.retry(subject, { ...order, expiresAt: lifeOf(subject, registry()) }),
    cancel: (subject, order) =>
      control.cancel(subject, order, settle(subject, { state: 'CANCELLED', fault: cancelled(subject) })),
    discard: (subject, order) => control.discard(subject, order),
  };
}

/** `requeued` is told when deliveries became QUEUED. */
export function createDeliveryOrders(
  control: Pick<DeliveryControl, 'deliveries'>,
  carryOut: CarryOut,
  requeued: () => void,
): DeliveryOrders {
  const each = async (ids: readonly string[], messageId: string, obey: (subject: Subject) => Promise<Obeyed>) => {
    const subjects = (await control.deliveries(messageId)).filter(({ deliveryId }) => ids.includes(deliveryId));
    return Promise.all(subjects.map(async (subject) => resultOf(subject, await obey(subject))));
  };
  return {
    retry: async (ids, messageId, order) => {
      const results = await each(ids, messageId, (subject) => carryOut.retry(subject, order));
      if (results.some(({ done }) => done)) requeued();
      return results;
    },
    cancel: (ids, messageId, order) => each(ids, messageId, (subject) => carryOut.cancel(subject, order)),
  };
}

const resultOf = ({ deliveryId, receiver, state }: Subject, obeyed: Obeyed): OrderResult => ({
  deliveryId,
  receiver: receiver.participant,
  state: obeyed?.was ?? state,
  done: obeyed?.moved === true,
});

/** As long as a new message would have. */
function lifeOf({ receiver, message }: Subject, registry: Pick<Registry, 'agreement'>): Date {
  const { sender, service, version } = message;
  const agreement = registry.agreement(sender.participant, receiver.participant, service, version);
  return new Date(Date.now() + (agreement?.expiresAfter ?? EXPIRES_AFTER_S) * 1000);
}

const cancelled = ({ receiver }: Subject) =>
  new Fault('delivery-cancelled', {
    detail: 'An operator of the gateway has withdrawn it.',
    place: receiver.participant,
  }).toRecord();
