import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import type { Message } from '../message/message.js';
import { writeBare } from '../protocol/bare-document.js';
import type { Compose, Outgoing, Payload, Protocol } from '../protocol/protocol.js';
import type { Endpoint, Operation } from '../registry/model.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';
import { withParameters } from './parameter-members.js';
import type { QueryItem } from './ports.js';
import { restRequest } from './rest-request.js';

/** One HTTP request. */
export interface WrittenQuestion extends Outgoing {
  readonly method: string;
  /** Path and query alone where the endpoint has no address; empty for SOAP then. */
  readonly url: string;
}

/** A question as its provider's endpoint takes it. Throws mediation-failed, schema-missing. */
export type WriteQuestion = (item: QueryItem, endpoint: Endpoint) => Promise<WrittenQuestion>;

export interface QuestionParts {
  readonly protocols: Readonly<Record<'soap' | 'rest', Protocol>>;
  readonly compose: Readonly<Record<Endpoint['protocol'], Compose>>;
  readonly mediator: Mediator;
  readonly registry: () => Pick<Registry, 'service'>;
  readonly publicUrl: string;
}

export function createWriteQuestion(parts: QuestionParts): WriteQuestion {
  return async (item, endpoint) => {
    const { protocol } = item.message;
    if (protocol === endpoint.protocol) return asItCame(item, endpoint);
    const operation = publishedOperation(item.message, parts.registry());
    const facts = {
      soapAction: operation.soapAction,
      eventType: null,
      receiver: item.receiver.participant,
      publicUrl: parts.publicUrl,
      correlationNamespace: null,
    };
    if (endpoint.protocol === 'rest') return atRest(item, endpoint, operation, parts);
    const payload = convert(await payloadOf(item, operation, parts), 'xml', operation, parts.mediator);
    const written = parts.compose[endpoint.protocol](item.message, payload, facts);
    return { ...written, method: 'POST', url: endpoint.url ?? '' };
  };
}

/** A SOAP payload as the request of a REST operation. */
async function atRest(
  { message, content }: QueryItem,
  endpoint: Endpoint,
  operation: Operation,
  { protocols, mediator }: QuestionParts,
): Promise<WrittenQuestion> {
  const payload = convert(await protocols.soap.payload(message.headers, content), 'json', operation, mediator);
  const request = restRequest(operation, JSON.parse(payload.bytes.toString('utf8')));
  const { body, ...written } = bodyOf(payload, request.body, message);
  const headers = { accept: 'application/json', ...request.headers, ...written.headers };
  return { method: request.method, url: baseOf(endpoint.url) + request.address, headers, body };
}

/** Throws mediation-failed for attachments. */
function bodyOf(payload: Payload, left: unknown, message: Message): Outgoing {
  const written = writeBare({ ...payload, bytes: Buffer.from(JSON.stringify(left)) }, message);
  return left === null ? { headers: {}, body: Buffer.alloc(0) } : written;
}

/** A REST question as one payload: its parameters are members like those of its body. */
async function payloadOf(
  { message, target, content }: QueryItem,
  { rest, xsd, element }: Operation,
  { protocols, mediator }: QuestionParts,
): Promise<Payload> {
  const binding = message.protocol === 'rest' ? 'rest' : 'soap';
  const isEmpty = binding === 'rest' && content.length === 0;
  const payload = isEmpty ? null : await protocols[binding].payload(message.headers, content);
  if (binding === 'soap' && payload) return payload;
  return withParameters(rest, target, payload, xsd && element ? mediator.members(xsd, element) : []);
}

function asItCame({ message, target, content }: QueryItem, { protocol, url }: Endpoint): WrittenQuestion {
  if (protocol !== 'rest') return { method: 'POST', url: url ?? '', headers: message.headers, body: content };
  const query = target.query === '' ? '' : `?${encodedQuery(target.query)}`;
  return {
    method: target.method,
    url: baseOf(url) + encodedPath(target.path) + query,
    headers: { 'accept-encoding': 'identity', ...target.headers },
    body: content,
  };
}

/** What no query holds (RFC 3986 §3.4), and `;`, by which some servers tell parameters apart. */
const NOT_OF_QUERY = /[^\w.~!$&'()*+,=:@/?%|[\]-]/gu;

/** As it came, but for what a provider could read otherwise than the gateway did. */
const encodedQuery = (query: string) => query.replace(NOT_OF_QUERY, encodeURIComponent);

const baseOf = (url: string | null) => url?.replace(/\/$/, '') ?? '';

/** Each segment encoded once: what the agreement was checked against is what the provider reads. */
const encodedPath = (path: string) => path.split('/').map(encodeURIComponent).join('/');
