import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { InterfaceChange } from '../../compatibility/change.js';
import type { Comparable } from '../../compatibility/compare-services.js';
import { Fault } from '../../message/fault.js';
import { isObject } from '../interface/json/json-documents.js';
import { answersOf, DEADLINE_MS, inSlot } from './interface-thread.js';

export interface CompareTask {
  readonly what: 'compare';
  readonly before: Comparable;
  readonly after: Comparable;
}

/** By the digests of both versions; as many changes as all of them may have together. */
const known = new LRUCache<string, readonly InterfaceChange[]>({
  maxSize: 20_000,
  sizeCalculation: ({ length }) => length + 1,
});

/**
 * As `compareServices`, in the thread that reads interfaces. Throws overloaded where others are at work, and where the
 * comparison takes too long.
 */
export async function changesBetween(
  before: Comparable,
  after: Comparable,
  deadlineMs = DEADLINE_MS,
): Promise<readonly InterfaceChange[]> {
  const [old, now] = [digestOf(before), digestOf(after)];
  if (old === now) return [];
  const key = `${old} ${now}`;
  const found = known.get(key);
  if (found) return found;
  const task: CompareTask = { what: 'compare', before: comparable(before), after: comparable(after) };
  const [changes] = await inSlot(() => answersOf(task, 1, deadlineMs));
  if (typeof changes === 'string')
    throw new Fault('overloaded', { detail: `Comparing the versions ${changes}.`, retryAfterSeconds: 60 });
  known.set(key, changes as readonly InterfaceChange[]);
  return changes as readonly InterfaceChange[];
}

/** Without the rest of the service, which is not sent to the thread. */
export const comparable = ({ operations, maxBytes }: Comparable): Comparable => ({ operations, maxBytes });

/** A bundle is known by its key. */
const digestOf = (service: Comparable): string =>
  createHash('sha256')
    .update(JSON.stringify(comparable(service), (_, value: unknown) => (isBundle(value) ? value.key : value)))
    .digest('hex');

const isBundle = (value: unknown): value is { readonly key: string } =>
  isObject(value) && 'documents' in value && 'key' in value;
