import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import { Fault } from '../message/fault.js';
import type { Compose, Outgoing, Protocol } from '../protocol/protocol.js';
import type { Endpoint, Operation, RestBinding } from '../registry/model.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';
import type { QueryItem } from './ports.js';

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
    const payload = await parts.protocols[protocol === 'rest' ? 'rest' : 'soap'].payload(
      item.message.headers,
      item.content,
    );
    const facts = {
      soapAction: operation.soapAction,
      eventType: null,
      receiver: item.receiver.participant,
      publicUrl: parts.publicUrl,
      correlationNamespace: null,
    };
    const written = parts.compose[endpoint.protocol](
      item.message,
      convert(payload, endpoint.protocol === 'rest' ? 'json' : 'xml', operation, parts.mediator),
      facts,
    );
    return { ...written, ...addressFor(operation, endpoint) };
  };
}

function asItCame({ message, target, content }: QueryItem, { protocol, url }: Endpoint): WrittenQuestion {
  if (protocol !== 'rest') return { method: 'POST', url: url ?? '', headers: message.headers, body: content };
  const query = target.query === '' ? '' : `?${target.query}`;
  return {
    method: target.method,
    url: baseOf(url) + encodedPath(target.path) + query,
    headers: { 'accept-encoding': 'identity', ...target.headers },
    body: content,
  };
}

const baseOf = (url: string | null) => url?.replace(/\/$/, '') ?? '';

/** Each segment encoded once: what the agreement was checked against is what the provider reads. */
const encodedPath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

function addressFor({ rest, name }: Operation, { protocol, url }: Endpoint): Pick<WrittenQuestion, 'method' | 'url'> {
  if (protocol !== 'rest') return { method: 'POST', url: url ?? '' };
  if (rest && isFixed(rest)) return { method: rest.method, url: baseOf(url) + rest.path };
  throw new Fault('mediation-failed', {
    detail: `${name} has no REST address that a SOAP payload can be sent to.`,
    place: 'operation',
    expected: 'a path without variables and a method that takes a body',
  });
}

const isFixed = ({ method, path }: RestBinding) => !path.includes('{') && ['POST', 'PUT', 'PATCH'].includes(method);
