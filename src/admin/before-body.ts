import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { surveyJson } from '../protocol/json/survey.js';
import { INTERFACE_LIMITS } from '../registry/interface/interface-limits.js';
import type { Admit } from './admit.js';

/** What operators are shown was written by strangers: a browser takes it as nothing else, and keeps none of it. */
const GUARDED = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

/** Reads no body of the operators' API but an operator's, and none at an address that nobody serves. */
export function admitBeforeBody(app: FastifyInstance, admit: Admit): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, url, headers, is404, routeOptions } = request;
    if (url.startsWith('/admin/')) reply.headers(GUARDED);
    if (method === 'GET' || method === 'HEAD') return;
    if (is404) throw new NotFoundException(`Cannot ${method} ${url}`);
    if (routeOptions.url?.startsWith('/admin/')) await admit(headers.authorization, null);
  });
  app.addHook('preValidation', async ({ rawBody, headers }: FastifyRequest & { rawBody?: Buffer }) => {
    if (rawBody && /^application\/json\b/i.test(headers['content-type'] ?? '')) surveyBody(rawBody);
  });
}

/** The same rules as for JSON of a message: no name twice, no `__proto__`, no depth that nobody needs. */
function surveyBody(body: Buffer): void {
  const { documentLevels: maxDepth, documentNodes: maxNodes } = INTERFACE_LIMITS;
  surveyJson(body.toString('utf8'), { maxDepth, maxNodes });
}
