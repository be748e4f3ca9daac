import { createHash, timingSafeEqual } from 'node:crypto';
import { Fault } from '../message/fault.js';
import type { CheckSecret } from '../policy/check-secret.js';
import type { Operator } from '../registry/model.js';
import { PLATFORM_OPERATOR } from '../registry/documents/references.js';
import type { Registry } from '../registry/registry.js';
import { allows, participantsOf, type Action, type ActingOperator } from './permissions.js';

/** Lets an operator in by the value of its Authorization header; null: for what every operator may do. Throws operator-unknown, operator-not-allowed, overloaded. */
export type Admit = (authorization: string | undefined, action: Action | null) => Promise<ActingOperator>;

interface AdmitParts {
  /** The whole token of the operator `platform`; null: there is no such operator. */
  readonly token: string | null;
  readonly registry: () => Pick<Registry, 'operatorToken' | 'participants'>;
  readonly checkSecret: CheckSecret;
}

const PLATFORM: Operator = { id: PLATFORM_OPERATOR, name: 'Platform', role: 'platform', scope: null, tokens: [] };

export function createAdmit({ token, registry, checkSecret }: AdmitParts): Admit {
  const recognise = async (given: string): Promise<Operator> => {
    if (token !== null && sameText(given, token)) return PLATFORM;
    const [, id, secret] = /^([A-Za-z0-9_-]{1,64})\.(.+)$/.exec(given) ?? [];
    if (id === undefined || secret === undefined) throw unknown(WRONG);
    const known = registry().operatorToken(id);
    if (!(await checkSecret(secret, known?.hash ?? null)) || !known) throw unknown(WRONG);
    return known.operator;
  };
  return async (authorization, action) => {
    const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) throw unknown('The operators’ API needs the bearer token of an operator.');
    const operator = await recognise(given);
    const { id, name, role } = operator;
    if (action !== null && !allows(role, action)) throw notAllowed(operator, action);
    return { id, name, role, participants: participantsOf(operator, registry().participants()) };
  };
}

function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The same for a wrong id and a wrong secret. */
const WRONG = 'The bearer token is not known: it is wrong, or was taken out of the registry.';

const unknown = (detail: string) =>
  new Fault('operator-unknown', {
    detail,
    place: 'Authorization',
    expected: 'Authorization: Bearer <token id>.<secret>, or the token of CROCEVIA_ADMIN_TOKEN',
  });

const notAllowed = ({ id, role }: Operator, action: Action) =>
  new Fault('operator-not-allowed', { detail: `Operator ${id} has the role ${role}, which may not do ${action}.` });
