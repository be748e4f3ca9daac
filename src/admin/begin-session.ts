import type { FastifyReply } from 'fastify';
import type { LogInMethod } from '../login/ports.js';
import type { Operator } from '../registry/model.js';
import { entryOf } from './audit-entry.js';
import { participantsOf } from './permissions.js';
import type { AdminParts } from './ports.js';
import { cookieName, cookieOf } from './presented.js';
import type { OperatorRequest } from './requires.js';
import { keepSession } from './session-cookies.js';
import { showSession } from './session-answers.js';

interface Proof {
  readonly operator: Operator;
  readonly method: LogInMethod;
  readonly mustChange: boolean;
  readonly idToken: string | null;
}

/** A session with a new id, for every log-in and every change of what it may do; the one that came along is over. */
export async function beginSession(
  proof: Proof,
  request: OperatorRequest,
  reply: FastifyReply,
  { sessions, current, isTls, audit, accounts }: AdminParts,
) {
  const before = await sessions.find(cookieOf(request, cookieName('session', isTls)) ?? '');
  if (before) await sessions.end(before);
  const { id: sessionId, session } = await sessions.begin({ ...proof, address: request.ip });
  keepSession(reply, sessionId, isTls);
  const { id, name, role } = proof.operator;
  const acting = { id, name, role, participants: participantsOf(proof.operator, current().participants()), session };
  await audit.write(entryOf('session.begun', acting, request.ip, { detail: { method: proof.method } }));
  return showSession(acting, sessionId, await accounts.find(id));
}
