import type { InterfaceFiles } from '../interface-files.js';
import { attributeOf } from './markup.js';
import type { SchemaDocument, SchemaDocuments } from './schema-documents.js';
import { XSD } from './schema-names.js';

type Documents = SchemaDocuments['documents'];

/** Namespace -> the documents that are imported for it, or begin the interface: together they declare all of it. */
export type Groups = ReadonlyMap<string, readonly SchemaDocument[]>;

/**
 * One group for a namespace. A document whose every declaration another of the group brings is left out (it is included
 * there, redefined there, or another edition of it); a warning where it is another edition.
 */
export function groupsOf(documents: Documents, roots: readonly string[], { problem }: InterfaceFiles): Groups {
  const begins = new Set(roots);
  for (const { references } of documents.values())
    for (const { kind, target } of references) if (kind === 'import' && target !== null) begins.add(target);
  const groups = new Map<string, SchemaDocument[]>();
  for (const id of begins) {
    const one = documents.get(id);
    if (one) groups.set(one.namespace, [...(groups.get(one.namespace) ?? []), one]);
  }
  const leftOut = (one: SchemaDocument, by: SchemaDocument) =>
    problem(
      `is passed over: ${by.file.split('/').at(-1)} declares the same names of the namespace ${one.namespace}`,
      'keep one edition of a schema in an interface',
      { file: one.file, line: one.firstLine, severity: 'warning' },
    );
  return new Map([...groups].map(([namespace, all]) => [namespace, withoutRepeated(all, documents, leftOut)]));
}

function withoutRepeated(
  all: readonly SchemaDocument[],
  documents: Documents,
  leftOut: (one: SchemaDocument, by: SchemaDocument) => void,
): readonly SchemaDocument[] {
  if (all.length === 1) return all;
  const wholes = all.map((one) => wholeOf(one, documents));
  const kept: Whole[] = [];
  for (const whole of wholes.sort((a, b) => b.names.size - a.names.size || b.parts.size - a.parts.size)) {
    const brings = kept.find(({ names }) => [...whole.names].every((name) => names.has(name)));
    if (!brings) kept.push(whole);
    else if (!brings.parts.has(whole.one) && whole.names.size > 0) leftOut(whole.one, brings.one);
  }
  return kept.map(({ one }) => one);
}

/** A document with all that it includes or redefines, and what they declare together. */
interface Whole {
  readonly one: SchemaDocument;
  readonly parts: ReadonlySet<SchemaDocument>;
  readonly names: ReadonlySet<string>;
}

function wholeOf(one: SchemaDocument, documents: Documents): Whole {
  const parts = partsOf(one, documents);
  return { one, parts, names: declarationsOf(parts) };
}

function partsOf(first: SchemaDocument, documents: Documents): ReadonlySet<SchemaDocument> {
  const parts = new Set([first]);
  for (const { references } of parts)
    for (const { kind, target } of references) {
      const part = kind === 'import' ? undefined : documents.get(target ?? '');
      if (part) parts.add(part);
    }
  return parts;
}

const declarationsOf = (parts: ReadonlySet<SchemaDocument>): ReadonlySet<string> =>
  new Set(
    [...parts].flatMap(({ root }) =>
      root.children.flatMap((child) => {
        const name = child.namespace === XSD ? attributeOf(child, 'name') : null;
        return name === null ? [] : `${child.name} ${name}`;
      }),
    ),
  );

/** Documents without the copies: the same text, referring to the same documents; every reference names the one that stays. */
export function withoutCopies(documents: Documents): Documents {
  for (let all = documents; ;) {
    const firsts = new Map<string, string>();
    const stays = new Map<string, string>();
    for (const { id, text, references } of all.values()) {
      const key = JSON.stringify([text, references.map(({ target }) => target)]);
      if (!firsts.has(key)) firsts.set(key, id);
      stays.set(id, firsts.get(key) ?? id);
    }
    if (firsts.size === all.size) return all;
    all = new Map(
      [...firsts.values()].flatMap((id) => {
        const one = all.get(id);
        return one ? [[id, { ...one, references: redirected(one, stays) }] as const] : [];
      }),
    );
  }
}

const redirected = ({ references }: SchemaDocument, stays: ReadonlyMap<string, string>) =>
  references.map((one) => ({ ...one, target: one.target === null ? null : (stays.get(one.target) ?? one.target) }));
