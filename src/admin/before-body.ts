import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Admit } from './admit.js';

/** Reads no body of the operators' API but an operator's, and none at an address that nobody serves. */
export function admitBeforeBody(app: FastifyInstance, admit: Admit): void {
  app.addHook('onRequest', async (request) => {
    const { method, url, headers, is404, routeOptions } = request;
    if (method === 'GET' || method === 'HEAD') return;
    if (is404) throw new NotFoundException(`Cannot ${method} ${url}`);
    if (routeOptions.url?.startsWith('/admin/')) await admit(headers.authorization, null);
  });
}
