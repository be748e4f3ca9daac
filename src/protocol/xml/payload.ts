import { payloadElement } from './envelope.js';
import { declareInScope, freeDocument, serialize } from './libxml.js';
import { XML_LIMITS } from './limits.js';
import { parseXml } from './parse.js';

const DECLARATION = Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n');

/**
 * The element in a SOAP Body as a document of its own in UTF-8. Every namespace declaration in scope in the envelope
 * is copied to it, used or not, so that prefixes in content (xsi:type, QNames) keep their meaning. A document that is
 * no envelope comes back unchanged, or rewritten in UTF-8 where it is in another encoding. `charset` is that of the
 * Content-Type. Throws the faults of reading, and envelope-malformed where Body holds other than one element.
 */
export function extractPayload(bytes: Buffer, charset: string | null = null): Buffer {
  const { document, root, unchanged } = parseXml(bytes, charset, XML_LIMITS);
  try {
    const payload = payloadElement(root);
    if (payload === root && unchanged) return bytes;
    declareInScope(document, payload);
    return Buffer.concat([DECLARATION, serialize(payload)]);
  } finally {
    freeDocument(document);
  }
}
