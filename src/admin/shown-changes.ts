import type { Change } from '../registry/registry-store.js';
import type { AdminParts } from './ports.js';
import { PAGE } from './query-values.js';

interface Page {
  readonly limit: number;
  /** Seq of the last one seen. */
  readonly before?: number;
}

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
