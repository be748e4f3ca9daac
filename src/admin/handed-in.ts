import type { FastifyRequest } from 'fastify';
import type { Identified } from '../message/stages.js';

export type Tried = FastifyRequest & { readonly rawBody?: Buffer };

export const plainHeaders = ({ headers }: Tried): Identified['headers'] =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

export const bytesOf = ({ rawBody, body }: Tried): Buffer =>
  rawBody ?? (Buffer.isBuffer(body) ? body : Buffer.alloc(0));
