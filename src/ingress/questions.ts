import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { joinHeaders } from '../delivery/channels/headers.js';
import type { Reply } from '../message/stages.js';
import { answerHeaders } from '../query/carried-headers.js';
import type { Pulls } from '../query/pull.js';
import type { PulledQuestion } from '../query/pull-queue.js';
import { discardRest, readBody, type BodyLimits } from './body.js';
import { givenStatus, goneSignal } from './exchange.js';
import { forCaller, wholeParameter, type CallerParts } from './caller.js';
import { plainHeaders } from './peer.js';

export interface QuestionsParts extends CallerParts {
  readonly pulls: Pick<Pulls, 'fetch' | 'answer'>;
  readonly limits: BodyLimits;
}

type Headers = Readonly<Record<string, string>>;

const MAX_WAIT_S = 60;

/** Of a question and its answer; every other header of theirs travels as `x-header-{name}`, and means nothing on the way. */
const AS_THEY_ARE = ['content-type', 'soapaction'];
const CARRIED = 'x-header-';

/** How a system that cannot be called fetches the questions to it and answers them. */
export function questionRoutes(app: FastifyInstance, parts: QuestionsParts): void {
  // A HEAD would take a question and show nothing of it.
  app.get('/questions', { exposeHeadRoute: false }, (request, reply) =>
    forCaller(request, reply, parts, ({ system }) => fetch(request, reply, system, parts)),
  );
  app.post('/questions/:id/answer', (request, reply) =>
    forCaller(request, reply, parts, ({ system }) => answer(request, reply, system, parts)),
  );
}

async function fetch(
  request: FastifyRequest,
  reply: FastifyReply,
  system: string,
  { pulls }: QuestionsParts,
): Promise<Reply> {
  const waitMs = wholeParameter(request.query, 'wait', 0, MAX_WAIT_S) * 1000;
  const question = await pulls.fetch(system, waitMs, goneSignal(reply));
  return question ? show(question) : NOTHING;
}

const NOTHING: Reply = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };

function show({ item, written }: PulledQuestion): Reply {
  const { message, deadline } = item;
  const own = {
    'x-question-id': message.id,
    'x-method': written.method,
    'x-path': written.url,
    'x-service': message.service,
    'x-version': String(message.version),
    'x-operation': message.operation,
    'x-sender': message.sender.participant,
    'x-message-id': message.messageId,
    'x-correlation-id': message.correlationId,
    'x-deadline': deadline.toISOString(),
    'cache-control': 'no-store',
  };
  return { status: 200, headers: joinHeaders(carried(written.headers), own), body: written.body };
}

const carried = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [AS_THEY_ARE.includes(lower) ? lower : CARRIED + lower, value];
    }),
  );

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  system: string,
  { pulls, limits }: QuestionsParts,
): Promise<Reply> {
  const { id } = request.params as { id: string };
  const body = await readBody(request.raw, limits).catch((error: unknown) => {
    discardRest(request.raw, reply.raw);
    throw error;
  });
  const headers = plainHeaders(request.headers);
  pulls.answer(system, id, { status: givenStatus(headers), headers: told(headers), body });
  return NOTHING;
}

function told(headers: Headers): Headers {
  const type = headers['content-type'];
  const others = Object.entries(headers)
    .filter(([name]) => name.startsWith(CARRIED))
    .map(([name, value]) => [name.slice(CARRIED.length), value] as const);
  return answerHeaders({ ...Object.fromEntries(others), ...(type !== undefined && { 'content-type': type }) });
}
