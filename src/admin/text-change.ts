import { yamlText } from '../registry/bundle/transfer.js';
import type { RegistryDocument } from '../registry/documents/document-types.js';
import { changedMembers } from '../registry/documents/plan.js';
import type { Change, RegistryContent } from '../registry/registry-store.js';
import { withoutSecrets } from './document-scope.js';

/** One change of a document as texts; what may not be read of it is left out. */
export function showTextChange(
  { revision, at, by, reason, before, after }: Change,
  mayRead: (document: RegistryDocument) => boolean,
) {
  const read = (content: RegistryContent | null) => (content && mayRead(content.document) ? content : null);
  const [was, is] = [read(before), read(after)];
  return {
    ...{ revision, at: at.toISOString(), by, reason },
    action: before === null ? 'create' : after === null ? 'delete' : 'update',
    members: was && is ? changedMembers(was, is) : [],
    before: was && yamlText(withoutSecrets(was.document)),
    after: is && yamlText(withoutSecrets(is.document)),
  };
}
