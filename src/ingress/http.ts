import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Access } from '../trace/log.js';
import { pathOf } from './exchange.js';
import { answerRoutes, type AnswersParts } from './answers.js';
import type { InterfaceParts } from './interfaces.js';
import { tellLimits } from './known-caller.js';
import { messageRoutes, type MessageParts } from './messages.js';
import { boxRoutes, type BoxParts } from './box.js';
import { directoryRoutes, type DirectoryParts } from './directory.js';
import { oauthRoutes, type OauthParts } from './oauth.js';
import type { PollingParts } from './polling.js';
import { fanOutRoutes, type FanOutRouteParts } from './fan-out.js';
import { questionRoutes, type QuestionsParts } from './questions.js';
import { statusRoutes, type StatusParts } from './status.js';

export type HttpParts = MessageParts &
  InterfaceParts &
  BoxParts &
  QuestionsParts &
  FanOutRouteParts &
  DirectoryParts &
  AnswersParts &
  PollingParts &
  OauthParts &
  StatusParts & {
    /** Told of every answered request. */
    readonly answered: (access: Access) => void;
  };

/** What strangers wrote is served on the origin of the operators' page: a browser runs none of it, and takes it as nothing else. */
const SANDBOX = { 'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff' };

/**
 * The systems' side of HTTP, as a Fastify plugin of its own so that its body handling touches nothing else. Bodies are
 * handed on as streams: no byte is read before the caller is known.
 */
export function httpIngress(parts: HttpParts): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.addHook('onResponse', async (request, reply) =>
      parts.answered({
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        remote: request.ip,
        request: request.id,
      }),
    );
    app.addHook('onRequest', async (_request, reply) => void reply.headers(SANDBOX));
    tellLimits(app, parts);
    oauthRoutes(app, parts);
    messageRoutes(app, parts);
    boxRoutes(app, parts);
    questionRoutes(app, parts);
    answerRoutes(app, parts);
    fanOutRoutes(app, parts);
    statusRoutes(app, parts);
    directoryRoutes(app, parts);
  };
}
