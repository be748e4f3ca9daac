import type { Message } from '../message/message.js';

/** Where the receiver of an asynchronous message answers it; null where it is none. */
export function answerAddress({ id, profile }: Pick<Message, 'id' | 'profile'>, publicUrl: string): string | null {
  return profile === 'async-receipt' || profile === 'async-polled' ? `${publicUrl}/messages/${id}/answer` : null;
}

/** The text of a ModI header block X-ReplyTo, in whatever namespace. */
const BLOCK = /(<((?:[\w.-]+:)?)X-ReplyTo(?:\s[^<>]*)?>)[^<]*(<\/\2X-ReplyTo\s*>)/;
const BODY = /<(?:[\w.-]+:)?Body[\s>]/;

/** What a reader of markup skips or reads otherwise than a search for text does. */
const HIDING = /<!--|<!\[CDATA\[/;

/**
 * The envelope with another address in its one X-ReplyTo block, so that the answer comes by way of the gateway; every
 * other byte stays. Null where that cannot be done for certain: there is none, or more than one, a comment or CDATA stands
 * before the Body, or the encoding is one that ASCII is no part of.
 */
export function readdressed(envelope: Buffer, address: string): Buffer | null {
  const text = envelope.toString('latin1');
  const end = text.search(BODY);
  const before = text.slice(0, Math.max(end, 0));
  if (HIDING.test(before) || before.split('X-ReplyTo').length !== 3 || !BLOCK.test(before)) return null;
  const escaped = address.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const head = text
    .slice(0, end)
    .replace(BLOCK, (_all, open: string, _prefix, close: string) => open + escaped + close);
  return Buffer.concat([Buffer.from(head, 'latin1'), envelope.subarray(end)]);
}
