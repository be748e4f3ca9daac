import { Fault } from '../message/fault.js';
import type { Content } from '../message/content.js';
import type { Registry } from '../registry/registry.js';
import { deliveryHeaders, joinHeaders } from './channels/headers.js';
import type { Written } from './large-body.js';
import type { WriteOutgoing } from './outgoing.js';
import type { BoxStore } from './ports.js';
import { wayOf, type Way } from './way.js';

export interface PreviewParts {
  readonly entry: BoxStore['entry'];
  readonly outgoing: WriteOutgoing;
  readonly registry: () => Registry;
}

/** What goes to a receiver, without the headers that its endpoint asks for, which may be credentials. */
export interface Preview extends Written {
  readonly system: string;
  /** Null: a receipt that has no way to its system. */
  readonly channel: Way['channel'] | null;
}

/**
 * Writes a delivery once more, from what is kept of its message and for its system as it is registered now. Throws destination-missing,
 * what composing throws, and message-unknown for a delivery of another system and for a query, which is written when it is put.
 */
export function createPreview({ entry: read, outgoing, registry }: PreviewParts) {
  return async (system: string, deliveryId: string, content: Content): Promise<Preview> => {
    const entry = await read(system, deliveryId);
    const receiver = registry().system(system);
    if (entry === null) throw nothingToShow(deliveryId);
    const { message, receipt } = entry;
    const item = { ...entry, delivery: entry, content: null };
    const channel = (receiver && wayOf(item, receiver)?.channel) ?? null;
    if (channel === 'endpoint') throw nothingToShow(deliveryId);
    const written = await outgoing({ message, content, receipt }, receiver);
    const ours = channel === 'box' ? {} : deliveryHeaders({ item, attempt: entry.attempts, trace: {} });
    return { ...written, headers: joinHeaders(written.headers, ours), system, channel };
  };
}

const nothingToShow = (deliveryId: string) =>
  new Fault('message-unknown', {
    detail: `Of delivery ${deliveryId} there is nothing to show.`,
    place: 'address',
    expected: 'a delivery of a message, an answer or a receipt',
  });
