import { Fault } from '../message/fault.js';
import type { DocumentFormat, Message } from '../message/message.js';
import type { Receipt } from '../message/receipt.js';
import type { Arrival } from '../message/stages.js';
import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import type { Compose, Outgoing, Protocol } from '../protocol/protocol.js';
import type { BodyShape, Receives, System } from '../registry/model.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';

export type WrittenShape = Exclude<BodyShape, 'original'>;

/** What goes to a receiver: a message with its original bytes, or a receipt about it. */
export interface Parcel {
  readonly message: Message;
  readonly content: Buffer;
  readonly receipt: Receipt | null;
}

/**
 * The bytes for one receiver, in the shape that it has registered. Throws mediation-failed, schema-missing,
 * destination-missing and the faults of reading the stored content.
 */
export type WriteOutgoing = (parcel: Parcel, receiver: System | undefined) => Promise<Outgoing>;

export interface OutgoingParts {
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>>;
  readonly compose: Readonly<Record<WrittenShape, Compose>>;
  readonly mediator: Mediator;
  readonly registry: () => Pick<Registry, 'service'>;
  readonly publicUrl: string;
}

export function createOutgoing(parts: OutgoingParts): WriteOutgoing {
  return async ({ message, content, receipt }, receiver) => {
    if (receipt) return writeReceipt(receipt);
    if (!receiver?.receives) throw noDestination(message);
    const shape = shapeFor(message, receiver.receives);
    if (shape === 'original') return { headers: message.headers, body: content };
    const operation = publishedOperation(message, parts.registry());
    const payload = await parts.protocols[bindingOf(message)].payload(message.headers, content);
    const { soapAction, eventType } = operation;
    const facts = { soapAction, eventType, receiver: receiver.participant, publicUrl: parts.publicUrl };
    return parts.compose[shape](message, convert(payload, formatOf(shape), operation, parts.mediator), facts);
  };
}

/** A receipt is JSON in every channel. */
const writeReceipt = (receipt: Receipt): Outgoing => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(receipt)),
});

const noDestination = ({ service }: Message) =>
  new Fault('destination-missing', { detail: `No way to receive ${service} is registered.` });

/** `original` where the channel speaks what the message came in; else the nearest that it does speak. */
function shapeFor({ protocol }: Message, { shape, channel }: Receives): BodyShape {
  const isSoap = protocol === 'soap11' || protocol === 'soap12';
  if (shape !== 'original') return shape;
  if (channel === 'push-soap' && !isSoap) return 'soap11';
  if (channel === 'push-rest' && isSoap) return 'xml';
  return 'original';
}

const bindingOf = ({ protocol }: Message): Arrival['binding'] =>
  protocol === 'soap11' || protocol === 'soap12' ? 'soap' : protocol;

/** Null: an event carries either. */
function formatOf(shape: WrittenShape): DocumentFormat | null {
  if (shape === 'cloudevents') return null;
  return shape === 'json' ? 'json' : 'xml';
}
