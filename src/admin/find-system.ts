import type { SystemDocument } from '../registry/documents/document-types.js';
import type { DocumentKey } from '../registry/registry-store.js';
import { findDocument } from './find-document.js';
import { requireScope, type ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

export const systemKey = (id: string): DocumentKey => ({ kind: 'system', id, version: 0 });

/** A system that the operator may give orders to. Throws document-unknown, operator-not-allowed. */
export function findSystem(id: string, operator: ActingOperator, parts: Pick<AdminParts, 'desk'>): SystemDocument {
  const document = findDocument(systemKey(id), operator, parts).document as SystemDocument;
  requireScope(operator, document.participant);
  return document;
}
