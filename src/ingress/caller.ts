import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultFrom, Fault } from '../message/fault.js';
import type { Arrival, Identified, Reply } from '../message/stages.js';
import type { Protocol } from '../protocol/protocol.js';
import type { Registry } from '../registry/registry.js';
import { requireNotSuspended } from '../registry/suspended.js';
import { startClock } from './clock.js';
import { send, type Download } from './exchange.js';
import { knownCaller, type IdentifyParts } from './known-caller.js';
import { plainHeaders } from './peer.js';

export interface CallerParts extends IdentifyParts {
  /** Writes problem+json. */
  readonly rest: Pick<Protocol, 'refused'>;
  readonly registry: () => Pick<Registry, 'participant'>;
}

/** Runs a look-up for an authenticated caller and answers every fault as problem+json (RFC 9457). */
export async function forCaller(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: CallerParts,
  work: (caller: Identified['caller']) => Promise<Reply | Download>,
): Promise<FastifyReply> {
  const arrival = lookUpArrival(request);
  try {
    const { caller } = await knownCaller(request, arrival, parts);
    requireNotSuspended(caller.participant, parts.registry());
    return send(reply, await work(caller));
  } catch (error) {
    return send(reply, problem(faultFrom(error), arrival.headers, parts.rest));
  }
}

function lookUpArrival(request: FastifyRequest): Arrival {
  const address = {
    participant: null,
    version: null,
    service: null,
    path: request.url,
    query: '',
    method: request.method,
  };
  return {
    door: 'http',
    binding: 'rest',
    address,
    headers: plainHeaders(request.headers),
    arrivedAt: new Date(),
    clock: startClock(),
  };
}

/** A fault as problem+json outside the path of a message. */
export function problem(fault: Fault, headers: Arrival['headers'], rest: Pick<Protocol, 'refused'>): Reply {
  const language = /^\s*en\b/i.test(headers['accept-language'] ?? '') ? 'en' : 'it';
  return rest.refused(fault, { headers }, { statusUrl: null, acknowledged: false, id: null, language });
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

/** A whole number of a query string. Throws parameter-wrong. */
export function wholeParameter(query: unknown, name: string, fallback: number, max: number, min = 0): number {
  const text = (query as Record<string, unknown>)[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Fault('parameter-wrong', {
    detail: `${name} is not a whole number from ${min} to ${max}.`,
    place: name,
    expected: `${min} to ${max}`,
  });
}
