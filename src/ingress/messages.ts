import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault, faultFrom } from '../message/fault.js';
import type { Identified, Reply } from '../message/stages.js';
import type { Receive } from '../acceptance/receive.js';
import { parseAddress } from './address.js';
import { forCaller } from './caller.js';
import type { Uploads } from '../acceptance/uploads.js';
import { readContent } from './content.js';
import { enter, limitsFor, sendEarly, type Entry, type EntryParts } from './entry.js';
import { goneSignal, send } from './exchange.js';
import { publishedAt, type InterfaceParts } from './interfaces.js';
import { followedAt, type PollingParts } from './polling.js';

export interface MessageParts extends EntryParts {
  readonly receive: Receive;
  readonly uploads: Uploads;
  /** Throws maintenance where nothing new is taken. */
  readonly requireOpen: () => void;
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
    request.entry = await enter(request, parts, parseAddress);
  };
  const handler = (request: FastifyRequest, reply: FastifyReply) => take(request, reply, parts);
  for (const url of ['/soap/*', '/rest/*', '/messages'])
    app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url, onRequest, handler });
  const read = async (request: FastifyRequest, reply: FastifyReply) => {
    const followed = followedAt(request, parts);
    if (followed) return forCaller(request, reply, parts, followed);
    const published = publishedAt(request, parts);
    if (published) return send(reply, published);
    await onRequest(request);
    return handler(request, reply);
  };
  app.route({ method: ['GET', 'HEAD'], url: '/rest/*', handler: read });
  app.get('/soap/*', (request, reply) => send(reply, publishedAt(request, parts) as Reply));
}

async function take(request: FastifyRequest, reply: FastifyReply, parts: MessageParts): Promise<FastifyReply> {
  const { arrival, identified, fault } = request.entry as Entry;
  if (fault || !identified)
    return sendEarly(request, reply, await parts.receive.refuse(fault ?? faultFrom(null), arrival, 0));
  try {
    requireMethod(identified);
    // An envelope may only ask how a message fares: `receive` knows once it has read it.
    if (identified.binding !== 'soap') parts.requireOpen();
    const { body, close } = await readContent(request.raw, identified, limitsFor(identified, parts), parts.uploads);
    arrival.clock.mark('read');
    const answer = await parts.receive(identified, body, goneSignal(reply));
    if (!Buffer.isBuffer(body)) await close();
    return send(reply, answer);
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
