import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { findService } from '../policy/resolve.js';
import type { Protocol } from '../protocol/protocol.js';
import { publishedDocument, publishedOpenApi, publishedWsdl } from '../registry/directory/publication.js';
import type { Service } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { parseAddress, routeUnknown } from './address.js';
import { problem } from './caller.js';
import { pathOf, send } from './messages.js';
import { plainHeaders } from './peer.js';

export interface InterfaceParts {
  readonly registry: () => Registry;
  readonly publicUrl: string;
  /** Writes problem+json. */
  readonly rest: Pick<Protocol, 'refused'>;
}

/** Serves published interfaces (RAC_GEN_002: `?wsdl`, `/openapi.yaml`) with this gateway's address in them; open to all. */
export function interfaceRoutes(app: FastifyInstance, parts: InterfaceParts): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    try {
      return send(reply, find(request, parts));
    } catch (error) {
      return send(reply, problem(faultFrom(error), plainHeaders(request.headers), parts.rest));
    }
  };
  app.get('/soap/*', handler);
  app.get('/rest/*', handler);
}

interface Wanted {
  readonly service: Service;
  readonly participant: string;
  /** `wsdl`, `openapi.yaml` or the name of a document that they refer to; null: nothing was named. */
  readonly name: string | null;
}

function find(request: FastifyRequest, { registry, publicUrl }: InterfaceParts): Reply {
  const path = pathOf(request);
  const wanted = readWanted(path, request.query as Record<string, string>, registry());
  const document = wanted.name === null ? null : publish({ ...wanted, name: wanted.name }, publicUrl);
  if (document) return document;
  const isOperation = wanted.service.operations.some(({ rest }) => rest?.path === `/${wanted.name}`);
  throw notServed(path, isOperation ? null : wanted.name);
}

function readWanted(path: string, query: Record<string, string>, registry: Registry): Wanted {
  const { binding, address } = parseAddress('GET', path);
  const { participant, version, service } = address;
  if (participant === null || version === null || service === null) throw routeUnknown(path);
  const found = findService(participant, service, version, registry);
  const named = query['xsd'] ?? (hasFlag(query, 'wsdl') ? 'wsdl' : null);
  return { service: found, participant, name: binding === 'soap' ? named : address.path.slice(1) || null };
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

function notServed(path: string, wanted: string | null): Fault {
  if (wanted === null) {
    const expected = path.startsWith('/soap/') ? 'POST, or GET with ?wsdl' : 'POST, or GET .../openapi.yaml';
    return new Fault('method-not-allowed', { detail: 'Nothing can be read here.', place: 'method', expected });
  }
  return new Fault('route-unknown', {
    detail: `The service publishes no "${wanted.slice(0, 100)}".`,
    place: 'address',
  });
}
