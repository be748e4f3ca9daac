import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Reply } from '../message/stages.js';
import type { Pulls } from '../query/pull.js';
import type { HandedQuestion } from '../query/handed-out.js';
import { handedAnswer, questionHeaders } from '../query/question-headers.js';
import { discardRest, readBody, type BodyLimits } from './body.js';
import { goneSignal } from './exchange.js';
import { forCaller, wholeParameter, type CallerParts } from './caller.js';
import { plainHeaders } from './peer.js';

export interface QuestionsParts extends CallerParts {
  readonly pulls: Pick<Pulls, 'fetch' | 'answer'>;
  readonly limits: BodyLimits;
}

const MAX_WAIT_S = 60;

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

const show = (question: HandedQuestion): Reply => ({
  status: 200,
  headers: { ...questionHeaders(question), 'cache-control': 'no-store' },
  body: question.written.body,
});

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
  pulls.answer(system, id, handedAnswer(plainHeaders(request.headers), body));
  return NOTHING;
}
