import { createHash, timingSafeEqual } from 'node:crypto';
import { operatorOf, PLATFORM } from '../login/known-operator.js';
import type { Session } from '../login/ports.js';
import { isCsrfToken, type Sessions } from '../login/session.js';
import { Fault } from '../message/fault.js';
import type { CheckSecret } from '../policy/check-secret.js';
import type { Operator } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { allows, participantsOf, type Action, type ActingOperator } from './permissions.js';
import type { Presented } from './presented.js';

/**
 * Lets an operator in by a bearer token, else by the session of its browser; null: for what every operator may do, of itself. Throws
 * operator-unknown, operator-not-allowed, csrf-token-wrong, password-change-due, overloaded, store-unavailable.
 */
export type Admit = (presented: Presented, action: Action | null) => Promise<ActingOperator>;

interface AdmitParts {
  /** The whole token of the operator `platform`; null: no token lets it in. */
  readonly token: string | null;
  readonly registry: () => Pick<Registry, 'operator' | 'operatorToken' | 'participants'>;
  readonly checkSecret: CheckSecret;
  readonly sessions: Pick<Sessions, 'find' | 'end'>;
}

interface Recognised {
  readonly operator: Operator;
  readonly session?: Session;
}

export function createAdmit(parts: AdmitParts): Admit {
  return async (presented, action) => {
    const { authorization, session: id } = presented;
    const byCookie = authorization === undefined && id !== undefined;
    const { operator, session } = byCookie ? await bySession(id, presented, parts) : await byToken(presented, parts);
    if (session?.mustChange && action !== null) throw changeDue();
    const { id: name, role } = operator;
    if (action !== null && !allows(role, action)) throw notAllowed(operator, action);
    const participants = participantsOf(operator, parts.registry().participants());
    return { id: name, name: operator.name, role, participants, ...(session && { session }) };
  };
}

async function byToken({ authorization = '' }: Presented, parts: AdmitParts): Promise<Recognised> {
  const given = /^Bearer +(.+)$/i.exec(authorization)?.[1];
  if (given === undefined) throw unknown('The operators’ API needs the bearer token or the session of an operator.');
  if (parts.token !== null && sameText(given, parts.token)) return { operator: PLATFORM };
  return { operator: await ofRegistry(given, parts) };
}

async function ofRegistry(given: string, { registry, checkSecret }: AdmitParts): Promise<Operator> {
  const [, id, secret] = /^([A-Za-z0-9_-]{1,64})\.(.+)$/.exec(given) ?? [];
  if (id === undefined || secret === undefined) throw unknown(WRONG);
  const known = registry().operatorToken(id);
  if (!(await checkSecret(secret, known?.hash ?? null)) || !known) throw unknown(WRONG);
  return known.operator;
}

async function bySession(id: string, presented: Presented, { sessions, registry }: AdmitParts): Promise<Recognised> {
  const session = await sessions.find(id);
  if (session === null) throw unknown(OVER);
  const operator = operatorOf(session.operator, registry());
  if (operator === undefined || operator.role !== session.role || operator.scope !== session.scope) {
    await sessions.end(session);
    throw unknown(OVER);
  }
  if (!presented.isSafe) requireOwnPage(id, presented);
  return { operator, session };
}

function requireOwnPage(id: string, { csrfToken, isCrossSite }: Presented): void {
  if (!isCrossSite && isCsrfToken(id, csrfToken)) return;
  throw new Fault('csrf-token-wrong', {
    detail: isCrossSite
      ? 'The browser says that another site sent this.'
      : 'A change within a session needs its token.',
    place: 'X-CSRF-Token',
    expected: 'X-CSRF-Token: the csrfToken of GET /admin/session',
  });
}

function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The same for a wrong id and a wrong secret. */
const WRONG = 'The bearer token is not known: it is wrong, or was taken out of the registry.';
const OVER = 'The session is over: log in again.';

const unknown = (detail: string) =>
  new Fault('operator-unknown', {
    detail,
    place: 'Authorization',
    expected:
      'Authorization: Bearer <token id>.<secret>, the token of CROCEVIA_ADMIN_TOKEN, or the cookie of a session',
  });

const changeDue = () =>
  new Fault('password-change-due', { detail: 'This is a first password: only a new one may be set with it.' });

const notAllowed = ({ id, role }: Operator, action: Action) =>
  new Fault('operator-not-allowed', { detail: `Operator ${id} has the role ${role}, which may not do ${action}.` });
