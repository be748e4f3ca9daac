import type { Documents } from '../../message/document.js';
import type { AnswerCodec, Payload, Protocol } from '../protocol.js';
import { acceptedAsJson, problem } from '../answer.js';
import { payloadOf } from '../bare-document.js';
import { parseMediaType } from '../mime/media-type.js';
import { readRelated } from '../mime/related.js';
import { heldOf } from '../mime/streamed.js';
import { emptyDocument } from './empty-document.js';
import { openBody } from './open-body.js';
import { agreedMessageId, agreedReference, headerConversation, headerId, idempotencyKey } from '../ids.js';
import { readProblem } from '../problem-reader.js';
import { answeredInRest, openRestAnswer } from './query-answer.js';
import type { Decoded, Identified, StreamedBody } from '../../message/stages.js';

/** A bare JSON or XML document over HTTP. Answers are JSON whatever the format of the request. */
export function createRest(documents: Documents): Protocol & AnswerCodec {
  return {
    binding: 'rest',
    decode: (arrival, body) => decode(documents, arrival, body),
    accepted: (_decoded, acceptance, context) => acceptedAsJson(acceptance, context),
    refused: (fault, _arrival, context) => problem(fault, context),
    payload: async (headers, content) => payloadIn(headers['content-type'], content),
    openAnswer: (headers, body) => openRestAnswer(documents, headers, body),
    answered: answeredInRest,
    readAnswer: (status, headers, body) => readProblem(documents, status, headers, body),
  };
}

const NO_BODY = () => ({ document: emptyDocument(), attachments: [] });

function payloadIn(contentType: string | undefined, content: Buffer): Payload {
  const media = parseMediaType(contentType);
  if (!media?.type.startsWith('multipart/')) return payloadOf(contentType, 'Content-Type', content);
  const { root, attachments } = readRelated(content, media);
  return { ...payloadOf(root.contentType ?? undefined, 'root part: Content-Type', root.bytes), attachments };
}

/** Content has no meaning of its own in these (RFC 9110 §9.3.1, §9.3.2, §9.3.5): a type alone announces none. */
const SELDOM_WITH_CONTENT = ['GET', 'HEAD', 'DELETE'];

function hasContent({ address, headers }: Identified, body: Buffer | StreamedBody): boolean {
  if (!Buffer.isBuffer(body) || body.length > 0) return true;
  return (headers['content-type'] ?? '') !== '' && !SELDOM_WITH_CONTENT.includes(address.method);
}

async function decode(documents: Documents, arrival: Identified, body: Buffer | StreamedBody): Promise<Decoded> {
  const { headers } = arrival;
  const ids = {
    messageId: agreedMessageId([idempotencyKey(headers)]),
    correlationId: agreedReference([headerId(headers, 'X-Correlation-ID')]),
    relatesTo: agreedReference([headerId(headers, 'X-Relates-To')]),
    ...headerConversation(headers),
  };
  const contentType = headers['content-type'] ?? '';
  const hasBody = hasContent(arrival, body);
  const { document, ...carried } = hasBody ? await openBody(documents, contentType, body) : NO_BODY();
  return {
    ...arrival,
    ...ids,
    protocol: 'rest',
    format: document.format,
    ...heldOf(body),
    contentHeaders: hasBody ? { 'content-type': contentType } : {},
    document,
    ...carried,
    hints: {
      soapAction: null,
      actionParameter: null,
      wsaAction: null,
      element: document.xml?.root ?? null,
      eventType: null,
    },
    replyTo: headers['x-replyto']?.trim() || null,
    claimedSender: headers['x-sender']?.trim() || null,
    claimedReceivers: [],
  };
}
