import { yamlText } from '../registry/bundle/transfer.js';
import type { RegistryDocument } from '../registry/documents/document-types.js';
import { changedMembers } from '../registry/documents/plan.js';
import type { Change } from '../registry/registry-store.js';
import { withoutSecrets } from './document-scope.js';
import { readableSides } from './shown-changes.js';

/** One change of a document as texts; what may not be read of it is left out. */
export function showTextChange(change: Change, mayRead: (document: RegistryDocument) => boolean) {
  const { revision, at, by, reason } = change;
  const { action, before, after } = readableSides(change, mayRead);
  return {
    ...{ revision, at: at.toISOString(), by, reason },
    action,
    members: before && after ? changedMembers(before, after) : [],
    before: before && yamlText(withoutSecrets(before.document)),
    after: after && yamlText(withoutSecrets(after.document)),
  };
}
