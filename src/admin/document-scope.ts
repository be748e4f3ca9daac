import { Fault } from '../message/fault.js';
import type { RegistryDocument } from '../registry/documents/document-types.js';
import { requireScope, type ActingOperator } from './permissions.js';

/** IPA codes of the bodies that a document is about; none where it is about all (a service without an owner, an operator). */
function concerned(document: RegistryDocument): readonly string[] {
  switch (document.kind) {
    case 'participant':
      return [document.id];
    case 'system':
      return [document.participant];
    case 'agreement':
      return [document.consumer, document.provider];
    case 'service':
      return document.owner === undefined ? [] : [document.owner];
    case 'operator':
      return [];
  }
}

/** Interfaces are published, so every operator may read them; operators themselves are the platform's. */
export function mayRead({ role, participants }: ActingOperator, document: RegistryDocument): boolean {
  if (participants === null) return document.kind !== 'operator' || role === 'platform';
  if (document.kind === 'operator') return false;
  return document.kind === 'service' || concerned(document).some((code) => participants.has(code));
}

/** Throws operator-not-allowed. A new participant is written by whoever looks after the body above it. */
export function requireWrite(operator: ActingOperator, document: RegistryDocument, isNew: boolean): void {
  if (operator.participants === null && operator.role === 'platform') return;
  const codes = document.kind === 'participant' && isNew ? [document.parent ?? document.id] : owners(document);
  if (codes.length === 0)
    throw new Fault('operator-not-allowed', { detail: `Only the platform writes this ${document.kind}.` });
  for (const code of codes) requireScope(operator, code);
}

/** Who may write: of an agreement, the provider that grants it. */
const owners = (document: RegistryDocument) =>
  document.kind === 'agreement' ? [document.provider] : concerned(document);

/** Hashes of secrets are shown to the platform only. */
export function shownDocument({ role }: ActingOperator, document: RegistryDocument): unknown {
  return role === 'platform' ? document : withoutHashes(document);
}

function withoutHashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHashes);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'hash');
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutHashes(inner)]));
}
