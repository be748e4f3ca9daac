import type { Documents, OpenDocument } from '../../message/document.js';
import type { Decoded, Identified } from '../../message/stages.js';
import { bareDocument } from '../bare-document.js';
import { mediaTypeUnsupported, parseMediaType } from '../mime/media-type.js';
import { eventFacts, type EventFacts } from './attributes.js';
import { binaryAttributes } from './binary.js';
import { structuredEvent } from './structured.js';

export const STRUCTURED = 'application/cloudevents+json';
const ACCEPTED = [STRUCTURED, 'application/json', 'application/xml'];
export const TYPE_ATTRIBUTE = 'datacontenttype';

/** Opens the data and reads the attributes, in binary or structured mode (HTTP binding §3). */
export async function decodeEvent(documents: Documents, arrival: Identified, body: Buffer): Promise<Decoded> {
  const { event, document } = isStructured(arrival.headers['content-type'])
    ? await openStructured(documents, arrival, body)
    : await openBinary(documents, arrival, body);
  const { eventType, ...facts } = event;
  return {
    ...arrival,
    ...facts,
    protocol: 'cloudevents',
    format: document.format,
    content: body,
    contentHeaders: Object.fromEntries(
      Object.entries(arrival.headers).filter(([name]) => /^(content-type$|ce-)/.test(name)),
    ),
    document,
    attachments: [],
    hints: {
      soapAction: null,
      actionParameter: null,
      wsaAction: null,
      element: document.xml?.root ?? null,
      eventType,
    },
    replyTo: null,
  };
}

/** HTTP binding §3: `application/cloudevents` is structured; batches and other event formats are refused. */
export function isStructured(contentType: string | undefined): boolean {
  const type = parseMediaType(contentType)?.type;
  if (type === STRUCTURED) return true;
  if (type?.startsWith('application/cloudevents')) throw mediaTypeUnsupported(contentType, 'Content-Type', ACCEPTED);
  return false;
}

interface OpenEvent {
  readonly event: EventFacts;
  readonly document: OpenDocument;
}

async function openBinary(documents: Documents, { headers }: Identified, body: Buffer): Promise<OpenEvent> {
  const event = eventFacts(binaryAttributes(headers), headers);
  return { event, document: await bareDocument(documents, headers['content-type'], 'Content-Type', body, ACCEPTED) };
}

/** JSON data is examined where it stands in the event; other data is a document of its own. */
async function openStructured(documents: Documents, { headers }: Identified, body: Buffer): Promise<OpenEvent> {
  const whole = await documents.openJson(body);
  let handedOn = false;
  try {
    const { attributes, data } = structuredEvent(body.toString('utf8'));
    const event = eventFacts(attributes, headers);
    const { bytes, contentType, inEvent } = data();
    handedOn = inEvent;
    if (inEvent) return { event, document: dataIn(whole) };
    return {
      event,
      document: await bareDocument(
        documents,
        contentType,
        attributes.placeOf(TYPE_ATTRIBUTE),
        bytes,
        ACCEPTED.slice(1),
      ),
    };
  } finally {
    if (!handedOn) whole.close();
  }
}

function dataIn(event: OpenDocument): OpenDocument {
  return {
    format: 'json',
    xml: null,
    json: (event.json as { readonly data?: unknown } | undefined)?.data,
    examine: (order) => event.examine({ ...order, member: 'data' }),
    close: () => event.close(),
  };
}
