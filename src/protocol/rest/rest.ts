import type { Documents } from '../../message/document.js';
import type { AnswerCodec, Protocol } from '../protocol.js';
import { acceptedAsJson, problem } from '../answer.js';
import { bareDocument, payloadOf } from '../bare-document.js';
import { emptyDocument } from './empty-document.js';
import { agreedMessageId, agreedReference, headerConversation, headerId, idempotencyKey } from '../ids.js';
import { readProblem } from '../problem-reader.js';
import { answeredInRest, openRestAnswer } from './query-answer.js';
import type { Decoded, Identified } from '../../message/stages.js';

/** A bare JSON or XML document over HTTP. Answers are JSON whatever the format of the request. */
export function createRest(documents: Documents): Protocol & AnswerCodec {
  return {
    binding: 'rest',
    decode: (arrival, body) => decode(documents, arrival, body),
    accepted: (_decoded, acceptance, context) => acceptedAsJson(acceptance, context),
    refused: (fault, _arrival, context) => problem(fault, context),
    payload: async (headers, content) => payloadOf(headers['content-type'], 'Content-Type', content),
    openAnswer: (headers, body) => openRestAnswer(documents, headers, body),
    answered: answeredInRest,
    readAnswer: (status, headers, body) => readProblem(documents, status, headers, body),
  };
}

async function decode(documents: Documents, arrival: Identified, body: Buffer): Promise<Decoded> {
  const { headers } = arrival;
  const ids = {
    messageId: agreedMessageId([idempotencyKey(headers)]),
    correlationId: agreedReference([headerId(headers, 'X-Correlation-ID')]),
    relatesTo: agreedReference([headerId(headers, 'X-Relates-To')]),
    ...headerConversation(headers),
  };
  const contentType = headers['content-type'] ?? '';
  const hasBody = body.length > 0 || contentType !== '';
  const document = hasBody ? await bareDocument(documents, contentType, 'Content-Type', body) : emptyDocument();
  return {
    ...arrival,
    ...ids,
    protocol: 'rest',
    format: document.format,
    content: body,
    contentHeaders: hasBody ? { 'content-type': contentType } : {},
    document,
    attachments: [],
    hints: {
      soapAction: null,
      actionParameter: null,
      wsaAction: null,
      element: document.xml?.root ?? null,
      eventType: null,
    },
    replyTo: headers['x-replyto']?.trim() || null,
    claimedSender: null,
    claimedReceivers: [],
  };
}
