import type { Documents, OpenDocument, XmlFacts } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import type { QName } from '../../message/message.js';
import type { Decoded, Identified, StreamedBody } from '../../message/stages.js';
import { heldOf } from '../mime/streamed.js';
import { readCarriage, type Carriage } from './carriage.js';
import { addressingFacts, requireUnderstood } from './headers.js';
import { SOAP, type SoapVersion } from './versions.js';

/** What a receiver of the original bytes needs. */
const KEPT_HEADERS = ['content-type', 'soapaction', 'mime-version'];

/** Reads a SOAP message of either version; closes what it opened where it throws. */
export async function decodeSoap(
  documents: Documents,
  arrival: Identified,
  body: Buffer | StreamedBody,
): Promise<Decoded> {
  const carriage = readCarriage(arrival.headers['content-type'], body);
  const document = await documents.openXml(carriage.envelope, carriage.charset);
  try {
    return read(arrival, body, carriage, document);
  } catch (error) {
    document.close();
    throw error;
  }
}

function read(arrival: Identified, body: Buffer | StreamedBody, carriage: Carriage, document: OpenDocument): Decoded {
  const { version, attachments } = carriage;
  const { headers, body: children } = requireEnvelope(document.xml, version);
  requireUnderstood(headers, version);
  const element = requireOneChild(children);
  const { action, ...facts } = addressingFacts(headers, arrival.headers);
  return {
    ...arrival,
    ...facts,
    protocol: version,
    format: 'xml',
    ...heldOf(body),
    contentHeaders: keptOf(arrival.headers),
    document,
    attachments,
    hints: {
      soapAction: soapAction(arrival.headers['soapaction']),
      actionParameter: carriage.action,
      wsaAction: action,
      element,
      eventType: null,
    },
  };
}

function keptOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) if (headers[name] !== undefined) kept[name] = headers[name];
  return kept;
}

function requireEnvelope(facts: XmlFacts | null, version: SoapVersion): NonNullable<XmlFacts['envelope']> {
  if (facts?.envelope?.version === version) return facts.envelope;
  const { namespace = '', name = '' } = facts?.root ?? {};
  if (name !== 'Envelope')
    throw new Fault('envelope-malformed', { detail: `The root is ${name}.`, place: '/', expected: 'Envelope' });
  const { mediaType, namespace: expected } = SOAP[version];
  throw new Fault('soap-version-mismatch', {
    detail: `${mediaType} was sent with an Envelope of "${namespace.slice(0, 200)}".`,
    place: '/Envelope',
    expected,
  });
}

/** WS-I Basic Profile 1.1 R2201, 2.0 R2201: at most one child; here exactly one, for it names the operation. */
function requireOneChild(children: readonly QName[]): QName {
  const [element] = children;
  if (element && children.length === 1) return element;
  throw new Fault('envelope-malformed', {
    detail: element ? 'The Body holds more than one element.' : 'The Body is empty.',
    place: '/Envelope/Body',
    expected: 'one element',
  });
}

/** SOAP 1.1 §6.1.1: quoted, and empty where the address says it all; toolkits that forget the quotes are common. */
function soapAction(header: string | undefined): string | null {
  return header?.trim().replace(/^"(.*)"$/, '$1') || null;
}
