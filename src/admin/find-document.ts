import { unknownDocument } from '../registry/documents/edits.js';
import { keyText, type DocumentKey, type StoredDocument } from '../registry/registry-store.js';
import { readable } from './document-scope.js';
import type { ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

/** A document that the operator may read. Throws document-unknown: what is out of scope is as unknown as what never was. */
export function findDocument(
  key: DocumentKey,
  operator: ActingOperator,
  { desk }: Pick<AdminParts, 'desk'>,
): StoredDocument {
  const documents = desk.documents();
  const found = documents.get(keyText(key));
  if (!found || !readable(operator, documents)(found.document)) throw unknownDocument(key);
  return found;
}
