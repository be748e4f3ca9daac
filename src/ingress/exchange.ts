import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { UnreadAnswers } from './unread.js';

/** Path of a request without its query. */
export const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? '';

/** Of this process. */
const unread = new UnreadAnswers();

/**
 * Sends what a protocol has written; who does not read it is cut off. To HEAD nothing is said of the length of a content
 * that is not known (RFC 9110 §8.6).
 */
export function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  const isLeftOut = reply.request.method === 'HEAD' && body.length === 0;
  unread.add(reply.raw, Buffer.byteLength(body));
  return reply
    .code(status)
    .headers(headers)
    .send(isLeftOut ? undefined : body);
}

/** Aborted with Fault consumer-gone where the connection is closed before the answer was written. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (raw.writableEnded) return;
    gone.abort(new Fault('consumer-gone', { detail: 'The connection was closed before there was an answer.' }));
  });
  return gone.signal;
}
