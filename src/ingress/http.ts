import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { interfaceRoutes, type InterfaceParts } from './interfaces.js';
import { messageRoutes, type MessageParts } from './messages.js';
import { boxRoutes, type BoxParts } from './box.js';
import { statusRoutes, type StatusParts } from './status.js';

export type HttpParts = MessageParts & InterfaceParts & BoxParts & StatusParts;

/**
 * The systems' side of HTTP, as a Fastify plugin of its own so that its body handling touches nothing else. Bodies are
 * handed on as streams: no byte is read before the caller is known.
 */
export function httpIngress(parts: HttpParts): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    messageRoutes(app, parts);
    interfaceRoutes(app, parts);
    boxRoutes(app, parts);
    statusRoutes(app, parts);
  };
}
