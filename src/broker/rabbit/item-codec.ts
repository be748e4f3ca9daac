import { parse } from 'secure-json-parse';
import type { QueueItem } from '../../acceptance/ports.js';

/**
 * A queue item as one AMQP body: version (1 byte), flags (1 byte: 1 = content travels), length of the facts (4 bytes,
 * big-endian), the facts as JSON, the original bytes. Nothing is in AMQP headers, because a header table must fit in
 * one frame and amqplib refuses one over 64 KiB, which a receipt with 100 violations can reach.
 */
const VERSION = 1;
const PREFIX_BYTES = 6;
const HAS_CONTENT = 1;

export const ITEM_CONTENT_TYPE = 'application/vnd.crocevia.item';

export function encodeItem(item: QueueItem): Buffer {
  const { deliveryId, messageId, epoch, message, content, isProbe } = item;
  const { kind, receiver, agreement, attempts, expiresAt, receipt, order } = item.delivery;
  const delivery = { kind, receiver, agreement, attempts, expiresAt, receipt, ...(order && { order }) };
  const facts = Buffer.from(JSON.stringify({ deliveryId, messageId, epoch, delivery, message, isProbe }));
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt8(VERSION, 0);
  prefix.writeUInt8(content === null ? 0 : HAS_CONTENT, 1);
  prefix.writeUInt32BE(facts.length, 2);
  return Buffer.concat(content === null ? [prefix, facts] : [prefix, facts, content]);
}

/** Throws an Error that says what is wrong with the bytes. */
export function decodeItem(body: Buffer): QueueItem {
  if (body.length < PREFIX_BYTES) throw new Error(`${body.length} bytes are no queue item`);
  if (body[0] !== VERSION) throw new Error(`version ${body[0]} of the queue item is unknown`);
  const end = PREFIX_BYTES + body.readUInt32BE(2);
  if (end > body.length) throw new Error('the queue item is cut off');
  const facts = restore(parse(body.toString('utf8', PREFIX_BYTES, end)));
  return { ...facts, content: body[1] === HAS_CONTENT ? body.subarray(end) : null };
}

type Facts = Omit<QueueItem, 'content'>;

function restore(value: unknown): Facts {
  const facts = value as Facts;
  const known =
    typeof facts?.deliveryId === 'string' &&
    typeof facts.messageId === 'string' &&
    Number.isInteger(facts.epoch) &&
    typeof facts.delivery?.receiver?.system === 'string' &&
    typeof facts.message?.id === 'string';
  if (!known) throw new Error('the queue item lacks its ids');
  const delivery = { ...facts.delivery, expiresAt: dateOf(facts.delivery.expiresAt) };
  return { ...facts, delivery, message: { ...facts.message, acceptedAt: dateOf(facts.message.acceptedAt) } };
}

function dateOf(value: unknown): Date {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new Error(`"${String(value)}" is no date`);
  return date;
}
