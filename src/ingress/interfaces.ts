import type { FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { findService, operationFor } from '../policy/resolve.js';
import type { Protocol } from '../protocol/protocol.js';
import { publishedDocument, publishedOpenApi, publishedWsdl } from '../registry/directory/publication.js';
import type { Service } from '../registry/model.js';
import { matchesPath } from '../registry/path-template.js';
import type { Registry } from '../registry/registry.js';
import { parseAddress, routeUnknown } from './address.js';
import { problem } from './caller.js';
import { pathOf } from './exchange.js';
import { plainHeaders } from './peer.js';

export interface InterfaceParts {
  readonly registry: () => Registry;
  readonly publicUrl: string;
  /** Writes problem+json. */
  readonly rest: Pick<Protocol, 'refused'>;
}

/**
 * The published document (RAC_GEN_002: `?wsdl`, `/openapi.yaml`) at an address, with this gateway's address in it, or a
 * problem; open to all. Null where the address is one that an operation of the service is read at.
 */
export function publishedAt(request: FastifyRequest, parts: InterfaceParts): Reply | null {
  try {
    return find(request, parts);
  } catch (error) {
    return problem(faultFrom(error), plainHeaders(request.headers), parts.rest);
  }
}

interface Wanted {
  readonly service: Service;
  readonly participant: string;
  /** `wsdl`, `openapi.yaml` or the name of a document that they refer to; null: nothing was named. */
  readonly name: string | null;
  /** Below the service. */
  readonly path: string;
}

function find(request: FastifyRequest, { registry, publicUrl }: InterfaceParts): Reply | null {
  const path = pathOf(request);
  if (isQuestionToNobody(request, path, registry())) return null;
  const wanted = readWanted(path, request.query as Record<string, string>, registry());
  const document = wanted.name === null ? null : publish({ ...wanted, name: wanted.name }, publicUrl);
  if (document) return document;
  const atPath = operationsAt(wanted.path, wanted.service);
  if (operationFor(request.method, atPath)) return null;
  throw notServed(path, atPath, wanted.name);
}

/** Who asks a body that is not there is known before it is told so, as who asks one that is. */
function isQuestionToNobody({ method }: FastifyRequest, path: string, registry: Registry): boolean {
  const { binding, address } = parseAddress('GET', path);
  const service = registry.service(address.service ?? '', address.version ?? 0);
  if (binding !== 'rest' || !service || registry.participant(address.participant ?? '')) return false;
  return operationFor(method, operationsAt(address.path, service)) !== undefined;
}

const operationsAt = (path: string, { operations }: Service) =>
  operations.filter(({ rest }) => rest && matchesPath(rest.path, path));

function readWanted(path: string, query: Record<string, string>, registry: Registry): Wanted {
  const { binding, address } = parseAddress('GET', path);
  const { participant, version, service } = address;
  if (participant === null || version === null || service === null) throw routeUnknown(path);
  const found = findService(participant, service, version, registry);
  const named = query['xsd'] ?? (hasFlag(query, 'wsdl') ? 'wsdl' : null);
  const name = binding === 'soap' ? named : address.path.slice(1) || null;
  return { service: found, participant, name, path: address.path };
}

function publish({ service, participant, name }: Wanted & { readonly name: string }, publicUrl: string): Reply | null {
  if (name === 'wsdl' && service.wsdl)
    return text('text/xml; charset=utf-8', publishedWsdl(service, participant, publicUrl));
  if (name === 'openapi.yaml' && service.openapi) {
    return text('application/yaml; charset=utf-8', publishedOpenApi(service, participant, publicUrl));
  }
  const document = publishedDocument(service, participant, publicUrl, name);
  return document && text(document.contentType, document.text);
}

const hasFlag = (query: Record<string, unknown>, name: string) =>
  Object.keys(query).some((key) => key.toLowerCase() === name);

const text = (contentType: string, body: string): Reply => ({
  status: 200,
  headers: { 'content-type': contentType, 'cache-control': 'no-cache' },
  body,
});

/** `expected` are the methods that exist at the address, and nothing else: they are told in `Allow` too (RFC 9110 §15.5.6). */
function notServed(path: string, atPath: Service['operations'], wanted: string | null): Fault {
  const isSoap = path.startsWith('/soap/');
  if (atPath.length > 0 || (isSoap && wanted === null)) {
    const methods = isSoap ? ['POST'] : atPath.flatMap(({ rest }) => rest?.method ?? []);
    return new Fault('method-not-allowed', {
      detail: `Nothing can be read here. The interface is at ${isSoap ? '?wsdl' : '.../openapi.yaml'}, with GET.`,
      place: 'method',
      expected: [...new Set(methods)].join(', '),
    });
  }
  if (wanted === null) {
    const detail = 'Nothing is served at the address of the service itself.';
    return new Fault('route-unknown', { detail, place: 'address: path', expected: '.../openapi.yaml' });
  }
  return new Fault('route-unknown', {
    detail: `The service publishes no "${wanted.slice(0, 100)}".`,
    place: 'address',
  });
}
