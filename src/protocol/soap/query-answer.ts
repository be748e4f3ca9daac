import type { Documents } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import { NO_DOCUMENT } from '../no-answer.js';
import type { AnswerCodec, OpenAnswer, Outgoing } from '../protocol.js';
import { addressing } from './accepted.js';
import { readCarriage } from './carriage.js';
import { withoutDeclaration } from './compose.js';
import { contentTypeOf, envelopeAround } from './envelope.js';
import { SOAP, type SoapVersion } from './versions.js';

/** An answer is an envelope with at most one element in Body (WS-I BP 2.0 R2201); an empty one says nothing. */
export async function openSoapAnswer(
  documents: Documents,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<OpenAnswer> {
  if (body.length === 0) return NO_DOCUMENT;
  const { envelope, charset } = readCarriage(headers['content-type'], body);
  const document = await documents.openXml(envelope, charset);
  const facts = document.xml?.envelope;
  const [element = null, second] = facts?.body ?? [];
  if (!facts || second) {
    document.close();
    throw new Fault('envelope-malformed', {
      detail: 'The answer is no SOAP envelope with one element in its Body.',
      place: '/Envelope/Body',
    });
  }
  const isFault = element?.name === 'Fault' && element.namespace === SOAP[facts.version].namespace;
  return { document, element, isFault, close: () => document.close() };
}

/** What is written anew goes without attachments: one that has any is refused, not cut. */
export const answeredInSoap: AnswerCodec['answered'] = (decoded, payload, message): Outgoing => {
  if (payload && payload.format !== 'xml')
    throw new Fault('mediation-failed', { detail: 'A SOAP Body carries XML only.', place: 'answer', expected: 'xml' });
  if (payload && payload.attachments.length > 0)
    throw new Fault('mediation-failed', {
      detail: `The answer has ${payload.attachments.length} attachments, which only its own version of SOAP can carry.`,
      place: 'attachments',
      expected: `a question in the provider's version of SOAP`,
    });
  const version: SoapVersion = decoded.protocol === 'soap12' ? 'soap12' : 'soap11';
  const { before, after } = envelopeAround(version, addressing(decoded, message, 'risposta'));
  const inner = payload ? withoutDeclaration(payload.bytes) : Buffer.alloc(0);
  return {
    headers: { 'content-type': contentTypeOf(version) },
    body: Buffer.concat([Buffer.from(before), inner, Buffer.from(after)]),
  };
};
