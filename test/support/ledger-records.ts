import { v7 as uuid } from 'uuid';
import type { AcceptanceRecord, RejectionRecord } from '../../src/acceptance/ports.js';
import type { DeliveryRef } from '../../src/message/delivery.js';
import { Fault } from '../../src/message/fault.js';
import type { Message } from '../../src/message/message.js';

const HOUR_MS = 3_600_000;

/** A name that no other test uses. */
export function fresh(name: string): string {
  return `${name}-${uuid().slice(-12)}`;
}

interface RecordOrder {
  readonly message?: Partial<Message>;
  readonly content?: Buffer;
  /** Receiving systems; one fresh system where none is named. */
  readonly receivers?: readonly string[];
  readonly expiresAt?: Date;
}

/** What acceptance hands to the store for a residents' notice of Sulmona. */
export function acceptanceRecord(order: RecordOrder = {}): AcceptanceRecord {
  const content = order.content ?? Buffer.from('<notifica/>');
  const id = order.message?.id ?? uuid();
  const message: Message = {
    id,
    messageId: `urn:uuid:${id}`,
    correlationId: `urn:uuid:${id}`,
    relatesTo: null,
    replyTo: null,
    sender: { participant: 'c_i804', system: fresh('anagrafe') },
    service: 'variazione-anagrafica',
    version: 1,
    operation: 'notificaVariazione',
    profile: 'one-way',
    protocol: 'soap11',
    format: 'xml',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    digest: '0'.repeat(64),
    size: content.length,
    acceptedAt: new Date(),
    ...order.message,
  };
  const deliveries = (order.receivers ?? [fresh('tributi')]).map((system) => ({
    deliveryId: uuid(),
    receiver: { participant: 'c_g878', system },
    agreement: 'sulmona-pratola',
    expiresAt: order.expiresAt ?? new Date(Date.now() + HOUR_MS),
  }));
  return { message, content, deliveries, stations: [{ station: 'decode', ms: 0.4 }] };
}

/** The reference of a delivery right after acceptance. */
export function refOf(record: AcceptanceRecord, index = 0): DeliveryRef {
  return { deliveryId: record.deliveries[index]!.deliveryId, messageId: record.message.id, epoch: 0 };
}

export function rejectionRecord(order: Partial<RejectionRecord> = {}): RejectionRecord {
  return {
    id: uuid(),
    messageId: 'urn:uuid:refused',
    correlationId: null,
    sender: { participant: 'c_i804', system: fresh('anagrafe') },
    service: null,
    version: null,
    operation: null,
    protocol: 'rest',
    receiver: 'c_g878',
    size: 11,
    at: new Date(),
    fault: new Fault('schema-violation', { detail: 'One error.' }).toRecord(),
    stations: [],
    ...order,
  };
}

/** Waits for a condition by asking again, as fast as the event loop turns. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
