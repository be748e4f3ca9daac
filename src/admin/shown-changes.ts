import type { RegistryDocument } from '../registry/documents/document-types.js';
import type { Change, RegistryContent } from '../registry/registry-store.js';
import type { AdminParts } from './ports.js';
import { PAGE } from './query-values.js';

interface Page {
  readonly limit: number;
  /** Seq of the last one seen. */
  readonly before?: number;
}

/** What a change is, whoever looks at it; and the sides of it that may be read: a document may come into scope, or leave it. */
export function readableSides(
  { before, after }: Pick<Change, 'before' | 'after'>,
  mayRead: (document: RegistryDocument) => boolean,
) {
  const read = (content: RegistryContent | null) => (content && mayRead(content.document) ? content : null);
  const action = before === null ? 'create' : after === null ? 'delete' : 'update';
  return { action, before: read(before), after: read(after) } as const;
}

/** Whether any side of a change may be read. */
export const isVisible = ({ before, after }: Change, mayRead: (document: RegistryDocument) => boolean): boolean =>
  [before, after].some((side) => side !== null && mayRead(side.document));

/** Changes of the registry, newest first. What is not shown is looked over, so that a page tells nothing of it. */
export async function shownChanges(
  history: AdminParts['history'],
  filter: Parameters<AdminParts['history']>[0],
  isShown: (change: Change) => boolean,
  { limit, before: start }: Page,
): Promise<readonly Change[]> {
  const found: Change[] = [];
  for (let before = start; found.length < limit;) {
    const rows = await history(filter, { limit: PAGE.maximum, ...(before !== undefined && { before }) });
    found.push(...rows.filter(isShown));
    before = rows.at(-1)?.seq;
    if (rows.length < PAGE.maximum) break;
  }
  return found.slice(0, limit);
}
