import { checkedDocument } from '../registry/documents/check-shape.js';
import type { RegistryDocument } from '../registry/documents/document-types.js';
import { keyText, type DocumentKey, type Documents } from '../registry/registry-store.js';
import { requireChange, requireSight, withStoredHashes } from './document-scope.js';
import type { ActingOperator } from './permissions.js';
import { withHiddenValues } from './stored-values.js';

/** What was sent of a document, and where its members stand in the text that it came as. */
interface Sent {
  readonly value: unknown;
  readonly line?: (path: readonly (string | number)[]) => number;
}

/**
 * What was sent as it is to be stored: with what the operator was not shown, where it may make this change. Throws RegistryError,
 * operator-not-allowed.
 */
export function changedDocument(
  operator: ActingOperator,
  documents: Documents,
  key: DocumentKey,
  { value, line = () => 1 }: Sent,
): RegistryDocument {
  const before = documents.get(keyText(key))?.document;
  if (before) requireSight(operator, before);
  const sent = checkedDocument(withStoredHashes(operator, before, value), key, line);
  const document = withHiddenValues(sent, before, line);
  requireChange(operator, before, document);
  return document;
}
