import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Arrival, Identified, Reply } from '../message/stages.js';
import type { Receive } from '../acceptance/receive.js';
import type { Identify } from '../policy/identify.js';
import { findService } from '../policy/resolve.js';
import type { Registry } from '../registry/registry.js';
import { parseAddress } from './address.js';
import { forCaller } from './caller.js';
import { discardRest, readBody, type BodyLimits } from './body.js';
import { goneSignal, pathOf, send } from './exchange.js';
import { publishedAt, type InterfaceParts } from './interfaces.js';
import { startClock } from './clock.js';
import { plainHeaders, type Present } from './peer.js';
import { followedAt, type PollingParts } from './polling.js';

export interface MessageParts {
  readonly registry: () => Registry;
  readonly identify: Identify;
  readonly present: Present;
  readonly receive: Receive;
  readonly limits: BodyLimits;
  readonly stopping: () => boolean;
}

/** What a request is known to be before its body is read. */
interface Entry {
  readonly arrival: Arrival;
  readonly identified: Identified | null;
  readonly fault: Fault | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    entry: Entry | null;
  }
}

/**
 * The doors for messages: SOAP, REST and CloudEvents differ only in what their address says. What is only read (GET,
 * HEAD) shares its addresses with the published documents, which come first.
 */
export function messageRoutes(app: FastifyInstance, parts: MessageParts & InterfaceParts & PollingParts): void {
  app.decorateRequest('entry', null);
  const onRequest = async (request: FastifyRequest) => {
    request.entry = await enter(request, parts);
  };
  const handler = (request: FastifyRequest, reply: FastifyReply) => take(request, reply, parts);
  for (const url of ['/soap/*', '/rest/*', '/messages'])
    app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url, onRequest, handler });
  app.get('/rest/*', async (request, reply) => {
    const followed = followedAt(request, parts);
    if (followed) return forCaller(request, reply, parts, followed);
    const published = publishedAt(request, parts);
    if (published) return send(reply, published);
    await onRequest(request);
    return handler(request, reply);
  });
  app.get('/soap/*', (request, reply) => send(reply, publishedAt(request, parts) as Reply));
}

async function enter(request: FastifyRequest, parts: MessageParts): Promise<Entry> {
  const arrival = arrivalOf(request);
  try {
    requireOneHost(request.raw.rawHeaders);
    if (parts.stopping()) throw new Fault('stopping', { detail: 'This node is stopping.', retryAfterSeconds: 5 });
    const identified = await parts.identify(
      { ...arrival, ...parseAddress(request.method, request.url) },
      parts.present(request.raw),
    );
    return { arrival: identified, identified, fault: null };
  } catch (error) {
    return { arrival, identified: null, fault: faultFrom(error) };
  }
}

/** RFC 9112 §3.2. */
function requireOneHost(rawHeaders: readonly string[]): void {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length < 2) return;
  throw new Fault('parameter-wrong', {
    detail: 'The request names its host more than once.',
    place: 'Host',
    expected: 'one Host header',
  });
}

/** Enough of an arrival to answer in the right protocol, even where the address is wrong. */
function arrivalOf(request: FastifyRequest): Arrival {
  const path = pathOf(request);
  return {
    door: 'http',
    binding: path.startsWith('/soap/') ? 'soap' : path.startsWith('/rest/') ? 'rest' : 'cloudevents',
    address: { participant: null, version: null, service: null, path: '', query: '', method: request.method },
    headers: plainHeaders(request.headers),
    arrivedAt: new Date(),
    clock: startClock(),
  };
}

async function take(request: FastifyRequest, reply: FastifyReply, parts: MessageParts): Promise<FastifyReply> {
  const { arrival, identified, fault } = request.entry as Entry;
  if (fault || !identified)
    return sendEarly(request, reply, await parts.receive.refuse(fault ?? faultFrom(null), arrival, 0));
  try {
    requireMethod(identified);
    const body = await readBody(request.raw, limitsFor(identified, parts));
    arrival.clock.mark('read');
    return send(reply, await parts.receive(identified, body, goneSignal(reply)));
  } catch (error) {
    const size = Number(request.headers['content-length'] ?? 0);
    return sendEarly(request, reply, await parts.receive.refuse(faultFrom(error), identified, size));
  }
}

function requireMethod({ binding, address }: Identified): void {
  if (binding === 'rest' || address.method === 'POST') return;
  throw new Fault('method-not-allowed', {
    detail: `${address.method} is not allowed here.`,
    place: 'method',
    expected: 'POST',
  });
}

/** The service's own limit where the address names a known one; the decoder tells what is wrong with the others. */
function limitsFor({ address, binding }: Identified, { registry, limits }: MessageParts): BodyLimits {
  const { participant, version, service } = address;
  if (binding === 'cloudevents' || participant === null || version === null || service === null) return limits;
  const { maxBytes } = findService(participant, service, version, registry());
  return { ...limits, maxBytes: Math.min(maxBytes, limits.maxBytes) };
}

/** Sends a refusal that may come before the body has; a slow sender is not waited for (RFC 9110 §15.5.9). */
function sendEarly(request: FastifyRequest, reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.status === 408) return send(reply.header('connection', 'close'), answer);
  discardRest(request.raw, reply.raw);
  return send(reply, answer);
}
