import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FanOut, ReceiveFanOut } from '../acceptance/fan-out.js';
import type { Receive } from '../acceptance/receive.js';
import { faultFrom } from '../message/fault.js';
import { parseFanOutAddress } from './address.js';
import { readBody } from './body.js';
import { enter, limitsFor, sendEarly, type EntryParts } from './entry.js';
import { goneSignal, send } from './exchange.js';

export interface FanOutRouteParts extends EntryParts {
  readonly receive: Pick<Receive, 'refuse'>;
  readonly fanOut: ReceiveFanOut;
  /** Aborted when this node stops. */
  readonly stopSignal: AbortSignal;
}

/** Each question carries the body: it is to be small. */
const MAX_BYTES = 1024 * 1024;

/** Time that a consumer has to read what is left after the deadline, or when the node stops. */
const LINGER_MS = 15_000;

/** One question to every provider below a body, answered line by line as they answer. */
export function fanOutRoutes(app: FastifyInstance, parts: FanOutRouteParts): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/fanout/*',
    exposeHeadRoute: false,
    onRequest: async (request) => void (request.entry = await enter(request, parts, parseFanOutAddress)),
    handler: (request, reply) => take(request, reply, parts),
  });
}

async function take(request: FastifyRequest, reply: FastifyReply, parts: FanOutRouteParts): Promise<FastifyReply> {
  const { arrival, identified, fault } = request.entry!;
  if (fault || !identified)
    return sendEarly(request, reply, await parts.receive.refuse(fault ?? faultFrom(null), arrival, 0));
  try {
    const limits = limitsFor(identified, parts);
    const body = await readBody(request.raw, { ...limits, maxBytes: Math.min(limits.maxBytes, MAX_BYTES) });
    arrival.clock.mark('read');
    const answer = await parts.fanOut(identified, body, goneSignal(reply));
    return 'lines' in answer ? stream(reply, answer, parts) : send(reply, answer);
  } catch (error) {
    const size = Number(request.headers['content-length'] ?? 0);
    return sendEarly(request, reply, await parts.receive.refuse(faultFrom(error), identified, size));
  }
}

function stream(
  reply: FastifyReply,
  { headers, lines, deadline }: FanOut,
  { stopSignal }: FanOutRouteParts,
): FastifyReply {
  endUnread(reply, deadline, stopSignal);
  return reply
    .code(200)
    .headers(headers)
    .send(Readable.from(lines, { objectMode: false }));
}

/** Closes the connection of a consumer that does not read, and of every one when the node stops. */
function endUnread({ raw }: FastifyReply, deadline: Date, stopSignal: AbortSignal): void {
  const end = () => raw.destroy();
  let timer = setTimeout(end, deadline.getTime() - Date.now() + LINGER_MS);
  const hurry = () => {
    clearTimeout(timer);
    timer = setTimeout(end, LINGER_MS);
  };
  stopSignal.addEventListener('abort', hurry, { once: true });
  // Its head, which could have said that the connection closes, went out before the stop.
  const { socket } = raw;
  raw.once('finish', () => stopSignal.aborted && socket?.end());
  raw.once('close', () => {
    clearTimeout(timer);
    stopSignal.removeEventListener('abort', hurry);
  });
}
