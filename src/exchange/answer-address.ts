import type { Message } from '../message/message.js';

/** Where the receiver of an asynchronous message answers it; null where it is none. */
export function answerAddress({ id, profile }: Pick<Message, 'id' | 'profile'>, publicUrl: string): string | null {
  return profile === 'async-receipt' || profile === 'async-polled' ? `${publicUrl}/messages/${id}/answer` : null;
}

/** The text of a ModI header block X-ReplyTo, in whatever namespace. */
const BLOCK = /(<((?:[\w.-]+:)?)X-ReplyTo(?:\s[^<>]*)?>)[^<]*(<\/\2X-ReplyTo\s*>)/;
const BODY = /<(?:[\w.-]+:)?Body[\s>]/;

/**
 * The envelope with another address in its X-ReplyTo block, so that the answer comes by way of the gateway; as it was
 * where it has none, or is in an encoding that ASCII is no part of. Every other byte stays.
 */
export function readdressed(envelope: Buffer, address: string): Buffer {
  const text = envelope.toString('latin1');
  const end = text.search(BODY);
  if (end < 0 || !BLOCK.test(text.slice(0, end))) return envelope;
  const escaped = address.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const head = text
    .slice(0, end)
    .replace(BLOCK, (_all, open: string, _prefix, close: string) => open + escaped + close);
  return Buffer.concat([Buffer.from(head, 'latin1'), envelope.subarray(end)]);
}
