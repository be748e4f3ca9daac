import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Fault } from '../message/fault.js';
import type { AdminParts } from './ports.js';
import { presentedIn } from './presented.js';
import { surveyJson } from '../protocol/json/survey.js';
import { INTERFACE_LIMITS } from '../registry/interface/interface-limits.js';

/** Where a stranger may send a body: name and password. */
const LOG_IN = '/admin/session';
const LOG_IN_BYTES = 4_096;

/** Reads no body of the operators' API but an operator's and a log-in's, and none at an address that nobody serves. */
export function admitBeforeBody(app: FastifyInstance, { admit, isTls }: Pick<AdminParts, 'admit' | 'isTls'>): void {
  app.addHook('onRequest', async (request) => {
    const { method, url, is404, routeOptions } = request;
    if (method === 'GET' || method === 'HEAD') return;
    if (is404) throw new NotFoundException(`Cannot ${method} ${url}`);
    if (method === 'POST' && routeOptions.url === LOG_IN) return requireSmall(request);
    if (!routeOptions.url?.startsWith('/admin/')) return;
    await admit(presentedIn(request, isTls), null);
    forgetTypeOfNothing(request);
  });
  app.addHook('preValidation', async ({ rawBody, headers }: FastifyRequest & { rawBody?: Buffer }) => {
    if (rawBody && /^application\/json\b/i.test(headers['content-type'] ?? '')) surveyBody(rawBody);
  });
}

function requireSmall({ headers }: FastifyRequest): void {
  const bytes = Number(headers['content-length'] ?? Infinity);
  if (bytes <= LOG_IN_BYTES) return;
  const expected = `Content-Length of at most ${LOG_IN_BYTES}`;
  throw new Fault('too-large', {
    detail: `A log-in is no larger than ${LOG_IN_BYTES} bytes.`,
    place: 'body',
    expected,
  });
}

/** Many commands say a type with every order, and most orders have no body. */
function forgetTypeOfNothing({ headers }: FastifyRequest): void {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0)
    delete headers['content-type'];
}

/** The same rules as for JSON of a message: no name twice, no `__proto__`, no depth that nobody needs. */
function surveyBody(body: Buffer): void {
  const { documentLevels: maxDepth, documentNodes: maxNodes } = INTERFACE_LIMITS;
  surveyJson(body.toString('utf8'), { maxDepth, maxNodes });
}
