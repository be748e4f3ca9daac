import { operatorOf } from '../login/known-operator.js';
import { Fault } from '../message/fault.js';
import { keyText, type DocumentKey } from '../registry/registry-store.js';
import { participantsOf, type ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

/** Changes that are looked through for the one that held it back. */
const LOOKED_AT = 500;

/** Whether a document shuts out a body, pauses a system or suspends an agreement; of anything that may be none. */
export function isHeldBack(document: unknown): boolean {
  const { suspended, paused, status } = (document ?? {}) as Readonly<Record<string, unknown>>;
  return suspended === true || paused === true || status === 'suspended';
}

/**
 * Who was held back does not let itself go: only an operator does who looks after all that the one looks after who has held
 * it back. Throws operator-not-allowed.
 */
export async function requireReach(
  { kind, id }: DocumentKey,
  operator: ActingOperator,
  { history, current }: Pick<AdminParts, 'history' | 'current'>,
): Promise<void> {
  const changes = await history({ kind, id }, { limit: LOOKED_AT });
  const holding = changes.find(({ before, after }) => isHeldBack(after?.document) && !isHeldBack(before?.document));
  const registry = current();
  const holder = holding && operatorOf(holding.by, registry);
  if (!holder || reaches(operator, participantsOf(holder, registry.participants()))) return;
  throw new Fault('operator-not-allowed', {
    detail: `Who has held ${id} back looks after more than operator ${operator.id}.`,
    expected: 'an operator of the same or a wider scope',
  });
}

/** Throws operator-not-allowed where what a wider operator holds back would not be so any more. */
export async function requireLettingGo(
  key: DocumentKey,
  after: unknown,
  operator: ActingOperator,
  parts: Pick<AdminParts, 'history' | 'current' | 'desk'>,
): Promise<void> {
  const before = parts.desk.documents().get(keyText(key))?.document;
  if (isHeldBack(before) && !isHeldBack(after)) await requireReach(key, operator, parts);
}

const reaches = ({ participants }: ActingOperator, others: ReadonlySet<string> | null): boolean =>
  participants === null || (others !== null && [...others].every((one) => participants.has(one)));
