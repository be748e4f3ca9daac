import type { Documents, OpenDocument } from '../message/document.js';
import { Fault } from '../message/fault.js';
import type { Message } from '../message/message.js';
import { charsetOf, formatOf, mediaTypeUnsupported, parseMediaType, type MediaType } from './mime/media-type.js';
import type { Outgoing, Payload } from './protocol.js';
import { extractPayload } from './xml/payload.js';

/** Media types of a document without an envelope; +json and +xml are read like them. */
export const BARE_TYPES = ['application/json', 'application/xml', 'text/xml'];

/**
 * Opens a document that stands for itself. Throws media-type-unsupported with `accepted`, envelope-malformed for a SOAP
 * envelope (its payload would be another than the bytes), and the faults of reading.
 */
export async function bareDocument(
  documents: Documents,
  contentType: string | undefined,
  place: string,
  bytes: Buffer,
  accepted: readonly string[] = BARE_TYPES,
): Promise<OpenDocument> {
  const { format, charset } = readType(contentType, place, accepted);
  if (format === 'json') return documents.openJson(bytes);
  const document = await documents.openXml(bytes, charset);
  if (!document.xml?.envelope) return document;
  document.close();
  throw new Fault('envelope-malformed', {
    detail: 'A SOAP envelope was sent where the bare document belongs.',
    place: '/Envelope',
    expected: 'the element of Body alone, or the address /soap/...',
  });
}

/** The payload of such a document. Throws as bareDocument does. */
export function payloadOf(contentType: string | undefined, place: string, bytes: Buffer): Payload {
  const { format, charset } = readType(contentType, place, BARE_TYPES);
  return { format, bytes: format === 'json' ? bytes : extractPayload(bytes, charset), attachments: [] };
}

function readType(contentType: string | undefined, place: string, accepted: readonly string[]) {
  const media = parseMediaType(contentType);
  const format = formatOf(media);
  if (!media || !format) throw mediaTypeUnsupported(contentType, place, accepted);
  if (format === 'json') requireUtf8(media, place);
  return { format, charset: charsetOf(media) };
}

/** RFC 8259 §8.1. */
function requireUtf8(media: MediaType, place: string): void {
  const charset = charsetOf(media);
  if (charset === null || /^(utf-?8|us-ascii)$/i.test(charset)) return;
  throw new Fault('encoding-wrong', { detail: `JSON in ${charset.slice(0, 40)}.`, place, expected: 'UTF-8' });
}

/**
 * The payload as a body of its own. XML goes without a charset: its declaration tells it (RFC 7303 §3). Throws
 * mediation-failed where there are attachments, which nothing here could carry.
 */
export function writeBare({ format, bytes, attachments }: Payload, { id }: Pick<Message, 'id'>): Outgoing {
  if (attachments.length > 0)
    throw new Fault('mediation-failed', {
      detail: `Message ${id} has ${attachments.length} attachments, which only SOAP can carry.`,
      place: 'attachments',
      expected: 'none',
    });
  return { headers: { 'content-type': `application/${format}` }, body: bytes };
}
