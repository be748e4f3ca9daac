import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Reply } from '../message/stages.js';

/** Path of a request without its query. */
export const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? '';

/** Sends what a protocol has written. */
export function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
