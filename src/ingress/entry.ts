import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Arrival, Identified, Reply } from '../message/stages.js';
import { streamedBytes } from '../policy/may-stream.js';
import { sealedFor } from '../policy/sealed-for.js';
import { findService } from '../policy/resolve.js';
import type { Registry } from '../registry/registry.js';
import type { Address } from './address.js';
import { discardRest, type BodyLimits } from './body.js';
import type { ContentLimits } from './content.js';
import { startClock } from './clock.js';
import { pathOf, send } from './exchange.js';
import { knownCaller, type IdentifyParts } from './known-caller.js';
import { plainHeaders } from './peer.js';

export interface EntryParts extends IdentifyParts {
  readonly registry: () => Registry;
  readonly limits: BodyLimits;
  readonly stopping: () => boolean;
}

/** What a request is known to be before its body is read. */
export interface Entry {
  readonly arrival: Arrival;
  readonly identified: Identified | null;
  readonly fault: Fault | null;
}

/** `parse` reads the address and throws route-unknown. */
export async function enter(
  request: FastifyRequest,
  parts: EntryParts,
  parse: (method: string, target: string) => Address,
): Promise<Entry> {
  const arrival = arrivalOf(request);
  try {
    requireOneHost(request.raw.rawHeaders);
    if (parts.stopping()) throw new Fault('stopping', { detail: 'This node is stopping.', retryAfterSeconds: 5 });
    const addressed = { ...arrival, ...parse(request.method, request.url) };
    const identified = await knownCaller(request, addressed, parts);
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
    binding: path.startsWith('/soap/') ? 'soap' : /^\/(rest|fanout)\//.test(path) ? 'rest' : 'cloudevents',
    address: { participant: null, version: null, service: null, path: '', query: '', method: request.method },
    headers: plainHeaders(request.headers),
    arrivedAt: new Date(),
    clock: startClock(),
  };
}

/** The service's own limit where the address names a known one; the decoder tells what is wrong with the others. */
export function limitsFor(identified: Identified, { registry, limits }: EntryParts): ContentLimits {
  const { address, binding } = identified;
  const { participant, version, service } = address;
  if (binding === 'cloudevents' || participant === null || version === null || service === null)
    return { ...limits, streamedBytes: null, sealFor: null };
  const known = registry();
  const { maxBytes } = findService(participant, service, version, known);
  return {
    ...limits,
    maxBytes: Math.min(maxBytes, limits.maxBytes),
    streamedBytes: streamedBytes(identified, known, new Date()),
    sealFor: sealedFor(known, [identified.caller.participant, participant]),
  };
}

/** Sends a refusal that may come before the body has; a slow sender is not waited for (RFC 9110 §15.5.9). */
export function sendEarly(request: FastifyRequest, reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.status === 408) return send(reply.header('connection', 'close'), answer);
  discardRest(request.raw, reply.raw);
  return send(reply, answer);
}
