import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Follow } from '../exchange/follow.js';
import type { GivenAnswer } from '../message/answer.js';
import type { TakeAnswer } from '../exchange/take-answer.js';
import type { Wanted } from '../exchange/write-answer.js';
import { faultFrom, type Fault } from '../message/fault.js';
import { givenStatus } from '../query/question-headers.js';
import type { Acceptance, Reply } from '../message/stages.js';
import type { Protocol } from '../protocol/protocol.js';
import { discardRest, readBody, type BodyLimits } from './body.js';
import { forCaller, json, type CallerParts } from './caller.js';
import { plainHeaders } from './peer.js';

export interface AnswersParts extends CallerParts {
  readonly takeAnswer: TakeAnswer;
  readonly follow: Follow;
  readonly soap: Pick<Protocol, 'refused'>;
  readonly limits: BodyLimits;
  /** Told why an answer was not taken. */
  readonly answerRefused: (system: string, fault: Fault) => void;
}

type WithId = FastifyRequest<{ Params: { id: string } }>;

/** The answer to an asynchronous message: where its receiver gives it, and where its sender reads it. */
export function answerRoutes(app: FastifyInstance, parts: AnswersParts): void {
  app.post('/messages/:id/answer', (request: WithId, reply) =>
    forCaller(request, reply, { ...parts, rest: protocolOf(request, parts) }, async (caller) => {
      const given = await givenAnswer(request, reply, parts);
      const acceptance = await parts.takeAnswer(caller, request.params.id, given).catch((error: unknown) => {
        parts.answerRefused(caller.system, faultFrom(error));
        throw error;
      });
      return taken(acceptance, request);
    }),
  );
  app.get('/messages/:id/answer', (request: WithId, reply) =>
    forCaller(request, reply, parts, (caller) => parts.follow.answer(caller, request.params.id, wantedBy(request))),
  );
}

/** A SOAP system is refused in SOAP. */
const protocolOf = (request: FastifyRequest, { rest, soap }: AnswersParts) => (isSoap(request) ? soap : rest);

const isSoap = ({ headers }: FastifyRequest) =>
  /^\s*(text\/xml|multipart\/related|application\/soap\+xml)/i.test(headers['content-type'] ?? '');

async function givenAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits }: AnswersParts,
): Promise<GivenAnswer> {
  const body = await readBody(request.raw, limits).catch((error: unknown) => {
    discardRest(request.raw, reply.raw);
    throw error;
  });
  const headers = plainHeaders(request.headers);
  return { status: givenStatus(headers), headers, body };
}

/** ModI NONBLOCK_PUSH: 200 with an acknowledgement; SOAP has none that every interface publishes, so it is empty. */
function taken(acceptance: Acceptance, request: FastifyRequest): Reply {
  const { id, correlationId, acceptedAt } = acceptance.message;
  const headers = { 'x-gateway-id': id, 'x-correlation-id': correlationId };
  if (isSoap(request)) return { status: 202, headers, body: '' };
  const body = {
    result: 'ACK',
    id,
    correlationId,
    acceptedAt: acceptedAt.toISOString(),
    duplicate: acceptance.duplicate,
  };
  return json(200, body, headers);
}

/** JSON, unless only XML is asked for. */
export function wantedBy({ headers: { accept = '' } }: FastifyRequest): Wanted {
  const isXml = /\bxml\b/i.test(accept) && !/json|\*\/\*|application\/\*/i.test(accept);
  return { protocol: 'rest', format: isXml ? 'xml' : 'json' };
}
