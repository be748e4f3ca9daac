import type { Documents } from '../../message/document.js';
import { acceptedAsJson, problem } from '../answer.js';
import { payloadOf } from '../bare-document.js';
import { readProblem } from '../problem-reader.js';
import type { Payload, Protocol } from '../protocol.js';
import { decodeEvent, isStructured, TYPE_ATTRIBUTE } from './decode.js';
import { structuredEvent } from './structured.js';

/** CloudEvents 1.0 over HTTP, one event a request. Answered as REST is. */
export function createCloudEvents(documents: Documents): Protocol {
  return {
    binding: 'cloudevents',
    decode: (arrival, body) => decodeEvent(documents, arrival, Buffer.isBuffer(body) ? body : body.root),
    accepted: (_decoded, acceptance, context) => acceptedAsJson(acceptance, context),
    refused: (fault, _arrival, context) => problem(fault, context),
    payload: async (headers, content) => eventPayload(headers['content-type'], content),
    readAnswer: (status, headers, body) => readProblem(documents, status, headers, body),
  };
}

function eventPayload(contentType: string | undefined, content: Buffer): Payload {
  if (!isStructured(contentType)) return payloadOf(contentType, 'Content-Type', content);
  const { attributes, data } = structuredEvent(content.toString('utf8'));
  const { bytes, contentType: dataType } = data();
  return payloadOf(dataType, attributes.placeOf(TYPE_ATTRIBUTE), bytes);
}
