import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../protocol/json/canonical.js';
import { contentOf, type PortableDocument } from './portable.js';
import {
  keyOf,
  keyText,
  type Decision,
  type Edit,
  type RegistryContent,
  type StoredDocument,
} from '../registry-store.js';

type Current = ReadonlyMap<string, StoredDocument>;

/** `all`: the inputs are the whole registry. `laid`: what the directory laid down itself. `none`: nothing goes. */
export type Prune = 'all' | 'laid' | 'none';

/** The edits that make the registry as the inputs say; nothing where it is so already. */
export function planOf(current: Current, inputs: readonly PortableDocument[], prune: Prune): Decision {
  const files = new Map<string, Buffer>();
  const edits = inputs.flatMap((input): Edit[] => {
    const { content, bytes } = plain(input);
    const key = keyOf(content.document);
    const before = current.get(keyText(key));
    if (before && same(before, content)) return [];
    for (const [digest, one] of bytes) files.set(digest, one);
    return [{ key, after: content, applied: before?.applied ?? null }];
  });
  return { edits: [...edits, ...removals(current, inputs, prune)], files };
}

/**
 * The same for a directory that is watched: a document whose file says what it said last is left as it is, so that what an
 * operator changed since stands; one whose file is gone goes too.
 */
export function planOfDirectory(current: Current, inputs: readonly PortableDocument[]): Decision {
  const files = new Map<string, Buffer>();
  const edits = inputs.flatMap((input): Edit[] => {
    const { content, bytes } = plain(input);
    const key = keyOf(content.document);
    const applied = digestOf(content);
    if (current.get(keyText(key))?.applied === applied) return [];
    for (const [digest, one] of bytes) files.set(digest, one);
    return [{ key, after: content, applied }];
  });
  return { edits: [...edits, ...removals(current, inputs, 'laid')], files };
}

/** One change as an operator reads it. */
export interface PlannedChange {
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  /** Of an update: members of the document that change, and `files`. */
  readonly members: readonly string[];
}

export const plannedChanges = (current: Current, { edits }: Decision): readonly PlannedChange[] =>
  edits.map(({ key, after }) => {
    const before = current.get(keyText(key));
    if (!after) return { key: keyText(key), action: 'delete', members: [] };
    if (!before) return { key: keyText(key), action: 'create', members: [] };
    return { key: keyText(key), action: 'update', members: changedMembers(before, after) };
  });

/** Members of the document that differ, and `files`. */
export function changedMembers(before: RegistryContent, after: RegistryContent): readonly string[] {
  const [was, is] = [before, after].map(({ document, files }) => ({ ...document, files }) as Record<string, unknown>);
  const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]);
  return [...names].filter((name) => !isDeepStrictEqual(was?.[name], is?.[name])).sort();
}

function removals(current: Current, inputs: readonly PortableDocument[], prune: Prune): readonly Edit[] {
  if (prune === 'none') return [];
  const wanted = new Set(inputs.map(({ document }) => keyText(keyOf(document))));
  return [...current.values()]
    .filter(({ key, applied }) => !wanted.has(keyText(key)) && (prune === 'all' || applied !== null))
    .map(({ key }) => ({ key, after: null, applied: null }));
}

/** As it comes back from the store: without members that are undefined. */
function plain(input: PortableDocument): ReturnType<typeof contentOf> {
  const { content, bytes } = contentOf(input);
  return { content: JSON.parse(JSON.stringify(content)) as RegistryContent, bytes };
}

const same = ({ document, files }: RegistryContent, content: RegistryContent): boolean =>
  isDeepStrictEqual({ document, files }, content);

const digestOf = (content: RegistryContent): string =>
  createHash('sha256').update(canonicalJson(content)).digest('hex');
