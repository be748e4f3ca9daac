import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { Fault } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { UnreadAnswers } from './unread.js';

/** An answer that is read while it is sent; so many bytes of it. */
export interface Download extends Omit<Reply, 'body'> {
  readonly body: Readable;
  readonly size: number;
}

/** Path of a request without its query. */
export const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? '';

/** Of this process. */
const unread = new UnreadAnswers();

/**
 * Sends what a protocol has written; who does not read it is cut off. To HEAD nothing is said of the length of a content
 * that is not known, and in a 304 nothing of one that is not there (RFC 9110 §8.6, §15.4.5).
 */
export function send(reply: FastifyReply, answer: Reply | Download): FastifyReply {
  if ('size' in answer) return sendStream(reply, answer);
  const { status, headers, body } = answer;
  const isLeftOut = status === 304 || (reply.request.method === 'HEAD' && body.length === 0);
  unread.add(reply.raw, Buffer.byteLength(body));
  return reply
    .code(status)
    .headers(headers)
    .send(isLeftOut ? undefined : body);
}

function sendStream(reply: FastifyReply, { status, headers, body, size }: Download): FastifyReply {
  unread.pace(reply.raw, size);
  return reply.code(status).headers(headers).send(body);
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
