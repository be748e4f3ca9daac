import { newId } from '../new-id.js';
import { KEY_KEEPING, type KeyKeeping } from '../message/business-key.js';
import type { DeliveryOrder } from '../message/delivery.js';
import { Fault } from '../message/fault.js';
import type { Message } from '../message/message.js';
import type { Acceptance } from '../message/stages.js';
import { keptDigest, keptHeaders } from '../query/kept-request.js';
import { messageOf } from '../policy/message-of.js';
import { priorityOf } from '../policy/priority.js';
import type { Route, Validated } from '../policy/stages.js';
import type { Offer, Relay } from './relay.js';
import { CLAIM_CHECK_BYTES, type AcceptanceRecord, type MessageStore, type NewDelivery } from './ports.js';

interface AcceptParts {
  readonly store: MessageStore;
  /** The first of the participants whose contents are kept encrypted. */
  readonly sealFor: (participants: readonly string[]) => string | null;
  readonly relay: Pick<Relay, 'reserve' | 'offer' | 'release'>;
}

/** The promise "we have it": resolves only once message, payload and deliveries are durable in one transaction. */
export type Accept = (validated: Validated) => Promise<Acceptance>;

/** The same of what is not a request: the answer to a message. `others`: participants that it concerns beside sender and receivers. */
export type AcceptRecord = (record: AcceptanceRecord, others?: readonly string[]) => Promise<Acceptance>;

/** Throws duplicate-conflict, overloaded, store-unavailable: at once where `outage` says that the ledger is known to be away. */
export function createAccept(accept: AcceptRecord, outage: () => Fault | null): Accept {
  return async (validated) => {
    const away = outage();
    if (away) throw away;
    return accept(recordOf(validated));
  };
}

/** Throws as createAccept does. */
export function createAcceptRecord({ store, sealFor, relay }: AcceptParts): AcceptRecord {
  const accept = async (record: AcceptanceRecord) => {
    let isAccepted = false;
    try {
      const outcome = await store.accept(record);
      isAccepted = outcome.kind === 'accepted';
      return outcome;
    } finally {
      if (!isAccepted) relay.release(record.deliveries);
    }
  };
  return async (given, others = []) => {
    const receivers = given.deliveries.map(({ receiver }) => receiver.participant);
    const record = {
      ...given,
      deliveries: given.deliveries.map(relay.reserve),
      sealFor: sealFor([given.message.sender.participant, ...receivers, ...others]),
    };
    const outcome = await accept(record);
    if (outcome.kind === 'conflict') throw conflict(record.message, outcome.original.id);
    if (outcome.kind === 'lost') throw uploadLost();
    if (outcome.kind === 'duplicate') return { message: outcome.original, duplicate: true };
    relay.offer(offersOf(record));
    return { message: record.message, duplicate: false };
  };
}

const uploadLost = () =>
  new Fault('store-unavailable', { detail: 'The uploaded content was lost before acceptance.', retryAfterSeconds: 5 });

function recordOf(validated: Validated): AcceptanceRecord {
  const message = messageOf(validated);
  return {
    message: message.profile === 'query' ? asLater(message, validated) : message,
    content: validated.content,
    ...(validated.stored && { stored: validated.stored }),
    deliveries: validated.routes.map((route) => deliveryOf(route, message.acceptedAt, validated)),
    businessKeys: validated.examination.keys,
    keepKeys: keepKeysOf(validated.routes),
    stations: validated.clock.marks,
  };
}

/** The strictest of its agreements. */
const keepKeysOf = (routes: readonly Route[]): KeyKeeping =>
  KEY_KEEPING.find((how) => routes.some(({ agreement }) => (agreement.businessKeys ?? 'clear') === how)) ?? 'clear';

const asLater = (message: Message, validated: Validated): Message => ({
  ...message,
  headers: { ...message.headers, ...keptHeaders(validated) },
  digest: keptDigest(validated),
});

/** A question that is answered later has no order: its answer names it. */
const orderOf = ({ agreement }: Route, { conversation, sequence, operation }: Validated): DeliveryOrder | null =>
  agreement.ordered && operation.profile !== 'query' ? { conversation, sequence } : null;

function deliveryOf(route: Route, acceptedAt: Date, validated: Validated): NewDelivery {
  const { receiver, agreement } = route;
  return {
    deliveryId: newId(),
    receiver: { participant: receiver.participant, system: receiver.id },
    agreement: agreement.id,
    expiresAt: new Date(acceptedAt.getTime() + agreement.expiresAfter * 1000),
    priority: priorityOf(validated.headers, validated.operation, agreement),
    order: orderOf(route, validated),
  };
}

function conflict(message: Message, original: string): Fault {
  if (message.profile === 'answer')
    return new Fault('duplicate-conflict', {
      detail: `Message ${message.relatesTo} was answered otherwise before, by ${original}.`,
      place: 'answer',
      expected: 'the answer that was given before',
    });
  return new Fault('duplicate-conflict', {
    detail: `The id "${message.messageId}" was used for another content, accepted as ${original}.`,
    place: 'message id',
    expected: 'the same content, or a new id',
  });
}

function offersOf({ message, content, stored, sealFor, deliveries }: AcceptanceRecord): readonly Offer[] {
  const carried = stored || sealFor || content.length > CLAIM_CHECK_BYTES ? null : content;
  return deliveries.map(({ deliveryId, receiver, agreement, expiresAt, order = null, reserveMs }) => ({
    item: {
      deliveryId,
      messageId: message.id,
      epoch: 0,
      delivery: { kind: 'message', receiver, agreement, attempts: 0, expiresAt, receipt: null, order },
      message,
      content: carried,
    },
    isReserved: reserveMs !== undefined,
  }));
}
