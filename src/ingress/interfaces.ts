import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { findService } from '../policy/resolve.js';
import type { Protocol } from '../protocol/protocol.js';
import { publishedDocument, publishedOpenApi, publishedWsdl } from '../registry/publication.js';
import type { Registry } from '../registry/registry.js';
import { parseAddress } from './address.js';
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

function find(request: FastifyRequest, { registry, publicUrl }: InterfaceParts): Reply {
  const { binding, address } = parseAddress('GET', pathOf(request));
  const { participant, version, service: name } = address;
  const service = findService(participant ?? '', name ?? '', version ?? 0, registry());
  const query = request.query as Record<string, string | undefined>;
  const wanted =
    binding === 'soap' ? (query['xsd'] ?? (hasFlag(query, 'wsdl') ? 'wsdl' : null)) : address.path.slice(1) || null;
  if (wanted === 'wsdl' && service.wsdl)
    return text('text/xml; charset=utf-8', publishedWsdl(service, participant ?? '', publicUrl));
  if (wanted === 'openapi.yaml' && service.openapi)
    return text('application/yaml; charset=utf-8', publishedOpenApi(service, participant ?? '', publicUrl));
  const document = wanted === null ? null : publishedDocument(service, participant ?? '', publicUrl, wanted);
  if (document) return text(document.contentType, document.text);
  throw notServed(binding, wanted);
}

const hasFlag = (query: Record<string, unknown>, name: string) =>
  Object.keys(query).some((key) => key.toLowerCase() === name);

const text = (contentType: string, body: string): Reply => ({
  status: 200,
  headers: { 'content-type': contentType, 'cache-control': 'no-cache' },
  body,
});

function notServed(binding: string, wanted: string | null): Fault {
  if (wanted === null) {
    const expected = binding === 'soap' ? 'POST, or GET with ?wsdl' : 'POST, or GET .../openapi.yaml';
    return new Fault('method-not-allowed', { detail: 'Nothing can be read here.', place: 'method', expected });
  }
  return new Fault('route-unknown', {
    detail: `The service publishes no "${wanted.slice(0, 100)}".`,
    place: 'address',
  });
}
