import { Fault } from '../message/fault.js';
import type { Content } from '../message/content.js';
import { isSoap, type DocumentFormat, type Message } from '../message/message.js';
import type { Receipt } from '../message/receipt.js';
import type { Arrival } from '../message/stages.js';
import { answerAddress, readdressed } from '../exchange/answer-address.js';
import type { WriteAnswer } from '../exchange/write-answer.js';
import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import type { Compose, Protocol } from '../protocol/protocol.js';
import type { BodyShape, Receives, System } from '../registry/model.js';
import type { PayloadStore } from '../acceptance/payloads.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';
import { besideParts, rootPayload, wholeOf } from './large-outgoing.js';
import type { Written } from './large-body.js';

export type WrittenShape = Exclude<BodyShape, 'original'>;

/** What goes to a receiver: a message with its original bytes, or a receipt about it. */
export interface Parcel {
  readonly message: Message;
  readonly content: Content;
  readonly receipt: Receipt | null;
}

/**
 * The bytes for one receiver, in the shape that it has registered. Throws mediation-failed, schema-missing,
 * destination-missing and the faults of reading the stored content.
 */
export type WriteOutgoing = (parcel: Parcel, receiver: System | undefined) => Promise<Written>;

export interface OutgoingParts {
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>>;
  readonly compose: Readonly<Record<WrittenShape, Compose>>;
  readonly mediator: Mediator;
  readonly registry: () => Pick<Registry, 'service'>;
  readonly publicUrl: string;
  readonly writeAnswer: WriteAnswer;
  readonly payloads: Pick<PayloadStore, 'read'>;
}

export function createOutgoing(parts: OutgoingParts): WriteOutgoing {
  return async ({ message, content, receipt }, receiver) => {
    if (receipt) return writeReceipt(receipt);
    if (message.profile === 'answer') return writeAnswer(message, content, receiver, parts);
    if (!receiver?.receives) throw noDestination(message);
    const shape = shapeFor(message, receiver.receives);
    const address = answerAddress(message, parts.publicUrl);
    const written =
      shape === 'original'
        ? await asItCame(message, content, address, parts)
        : await writeAnew(shape, message, content, receiver, parts);
    return address === null ? written : { ...written, headers: { ...written.headers, 'x-replyto': address } };
  };
}

async function writeAnswer(message: Message, content: Content, receiver: System | undefined, parts: OutgoingParts) {
  if (!receiver || !message.replyTo) throw noDestination(message);
  if (!Buffer.isBuffer(content)) throw new Error('An answer is always held.');
  const { status, headers, body } = await parts.writeAnswer(message, content, message.replyTo, receiver.participant);
  return { headers: { ...headers, ...(status !== 200 && { 'x-status': String(status) }) }, body: Buffer.from(body) };
}

/** A SOAP sender has written its own address into the envelope. */
async function asItCame(
  { headers, replyTo }: Message,
  content: Content,
  address: string | null,
  { payloads }: OutgoingParts,
): Promise<Written> {
  const isWritten = replyTo && replyTo.protocol !== 'rest' && address !== null;
  if (!Buffer.isBuffer(content))
    return { headers, body: await wholeOf(content, payloads, isWritten ? (root) => readdressed(root, address) : null) };
  return { headers, body: (isWritten && readdressed(content, address)) || content };
}

async function writeAnew(
  shape: WrittenShape,
  message: Message,
  content: Content,
  receiver: System,
  parts: OutgoingParts,
): Promise<Written> {
  const operation = publishedOperation(message, parts.registry());
  const protocol = parts.protocols[bindingOf(message)];
  const payload = Buffer.isBuffer(content)
    ? await protocol.payload(message.headers, content)
    : await rootPayload(content, protocol, parts.payloads);
  const { soapAction, eventType } = operation;
  const { publicUrl } = parts;
  const facts = { soapAction, eventType, receiver: receiver.participant, publicUrl, correlationNamespace: null };
  const written = parts.compose[shape](message, convert(payload, formatOf(shape), operation, parts.mediator), facts);
  return Buffer.isBuffer(content) ? written : besideParts(shape, written, message, content, parts.payloads);
}

/** A receipt is JSON in every channel. */
const writeReceipt = (receipt: Receipt): Written => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(receipt)),
});

const noDestination = ({ service }: Message) =>
  new Fault('destination-missing', { detail: `No way to receive ${service} is registered.` });

/** `original` where the channel speaks what the message came in; else the nearest that it does speak. */
function shapeFor({ protocol }: Message, { shape, channel }: Receives): BodyShape {
  if (shape !== 'original') return shape;
  if (channel === 'push-soap' && !isSoap(protocol)) return 'soap11';
  if (channel === 'push-rest' && isSoap(protocol)) return 'xml';
  return 'original';
}

const bindingOf = ({ protocol }: Message): Arrival['binding'] => (isSoap(protocol) ? 'soap' : protocol);

/** Null: an event carries either. */
function formatOf(shape: WrittenShape): DocumentFormat | null {
  if (shape === 'cloudevents') return null;
  return shape === 'json' ? 'json' : 'xml';
}
