import { Fault } from '../../message/fault.js';
import type { Message } from '../../message/message.js';
import { GATEWAY_NAMESPACE } from '../answer.js';
import { quoted } from '../mime/media-type.js';
import { writeRelated } from '../mime/related.js';
import type { Compose, Outgoing, OutgoingOperation, Payload } from '../protocol.js';
import { contentTypeOf, element, envelopeAround } from './envelope.js';
import { PARTICIPANT_URN, SOAP, WSA_NAMESPACE, type SoapVersion } from './versions.js';

export const composeSoap11: Compose = (message, payload, operation) => compose('soap11', message, payload, operation);
export const composeSoap12: Compose = (message, payload, operation) => compose('soap12', message, payload, operation);

/**
 * The payload in an envelope of its own with WS-Addressing 1.0; byte for byte the same at each attempt. Attachments make
 * it a SOAP message with attachments. Throws mediation-failed for a payload that is not XML.
 */
function compose(version: SoapVersion, message: Message, payload: Payload, operation: OutgoingOperation): Outgoing {
  if (payload.format !== 'xml')
    throw new Fault('mediation-failed', { detail: 'A SOAP Body carries XML only.', place: 'payload', expected: 'xml' });
  const { before, after } = envelopeAround(version, headerBlocks(message, operation));
  const envelope = Buffer.concat([Buffer.from(before), withoutDeclaration(payload.bytes), Buffer.from(after)]);
  const content = carry(version, envelope, message, payload, operation);
  const action = { soapaction: quoted(operation.soapAction ?? '') };
  return { headers: { 'content-type': content.contentType, ...(version === 'soap11' && action) }, body: content.body };
}

function carry(
  version: SoapVersion,
  envelope: Buffer,
  { id }: Message,
  { attachments }: Payload,
  { soapAction }: OutgoingOperation,
): { readonly contentType: string; readonly body: Buffer } {
  const action = version === 'soap12' && soapAction !== null ? `; action=${quoted(soapAction)}` : '';
  const rootType = contentTypeOf(version) + action;
  if (attachments.length === 0) return { contentType: rootType, body: envelope };
  const boundary = `crocevia-${id}`;
  return writeRelated({ boundary, rootType, type: SOAP[version].mediaType, root: envelope, attachments });
}

function headerBlocks(message: Message, { soapAction, receiver, correlationNamespace }: OutgoingOperation): string {
  const { id, service, version, operation, relatesTo, correlationId, sender } = message;
  const block = (name: string, text: string) => element(`wsa:${name}`, text, ` xmlns:wsa="${WSA_NAMESPACE}"`);
  return [
    block('MessageID', `urn:uuid:${id}`),
    relatesTo === null ? '' : block('RelatesTo', relatesTo),
    block('Action', soapAction ?? `urn:crocevia:operation:${service}:v${version}:${operation}`),
    block('To', PARTICIPANT_URN + receiver),
    `<wsa:From xmlns:wsa="${WSA_NAMESPACE}">${element('wsa:Address', PARTICIPANT_URN + sender.participant)}</wsa:From>`,
    element('g:X-Correlation-ID', correlationId, ` xmlns:g="${correlationNamespace ?? GATEWAY_NAMESPACE}"`),
  ].join('');
}

/** An XML declaration may stand at the start of an entity only (XML 1.0 §2.8); so may a byte order mark. */
export function withoutDeclaration(document: Buffer): Buffer {
  const bare = document.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? document.subarray(3) : document;
  if (!/^<\?xml\s/.test(bare.toString('latin1', 0, 6))) return bare;
  return bare.subarray(bare.indexOf('?>') + 2);
}
