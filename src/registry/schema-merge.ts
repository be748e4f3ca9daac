import { schemaBundle } from './document-names.js';
import type { SchemaBundle } from '../message/document.js';
import type { InterfaceFiles } from './interface-files.js';
import type { InterfacePlace } from './interface-problem.js';
import { attributeText, edited, type Edit, type Markup } from './markup.js';
import { readSchemas, type SchemaDocument, type SchemaDocuments, type SchemaReference } from './schema-documents.js';
import { XSD } from './schema-names.js';

/** A schema to validate by, with what is known of it. */
export interface ReadSchema {
  readonly bundle: SchemaBundle;
  readonly documents: readonly SchemaDocument[];
  /** False where a document is missing: then it cannot compile. */
  readonly isComplete: boolean;
  /** Where a line of a document of the bundle stands in the files. */
  place(document: string, line: number): InterfacePlace;
}

/** A schema file with all that it includes and imports; null (and problems) where it cannot be read. */
export function readXsd(path: string, files: InterfaceFiles): ReadSchema | null {
  return mergedSchema(readSchemas({ paths: [path], inline: [] }, files), [path], false);
}

/** Namespace -> ids of the documents that are imported for it, or begin the interface. */
type Groups = ReadonlyMap<string, readonly string[]>;

/**
 * Every document in one bundle. A validator takes one document for a namespace and passes over the others, so where several
 * are imported a wrapper includes them all and every import of the namespace names the wrapper.
 */
export function mergedSchema(
  { documents, names, isComplete }: SchemaDocuments,
  roots: readonly string[],
  joins: boolean,
): ReadSchema | null {
  const all = [...documents.values()].filter((one) => !isOnlyImports(one) || !joins || !roots.includes(one.id));
  const groups = groupsOf(documents, all, roots);
  const wrappers = new Map<string, string>();
  for (const [namespace, ids] of groups)
    if (ids.length > 1) wrappers.set(namespace, names.give(`/namespace-${wrappers.size + 1}.xsd`));
  const nameFor = (namespace: string) =>
    wrappers.get(namespace) ?? documents.get(groups.get(namespace)?.[0] ?? '')?.name ?? null;
  const targetName = (reference: SchemaReference) => {
    const target = documents.get(reference.target ?? '');
    if (reference.kind !== 'import') return target?.name ?? null;
    return nameFor(target?.namespace ?? reference.namespace);
  };
  const texts: Record<string, string> = {};
  for (const one of all) texts[one.name] = edited(one.text, relocations(one.references, targetName));
  for (const [namespace, name] of wrappers)
    texts[name] = wrapper(
      namespace,
      (groups.get(namespace) ?? []).flatMap((id) => documents.get(id)?.name ?? []),
    );
  const [first] = roots.flatMap((id) => documents.get(id) ?? []);
  if (!first || all.length === 0) return null;
  const entry = joins || wrappers.has(first.namespace) ? names.give('/entry.xsd') : first.name;
  if (entry !== first.name) texts[entry] = joining([...groups.keys()].map((one) => [one, nameFor(one) ?? '']));
  return { bundle: schemaBundle('xsd', entry, texts), documents: all, isComplete, place: placesOf(all, first) };
}

/** A schema inside a WSDL that declares nothing: what it imports stands for it. */
const isOnlyImports = ({ root }: SchemaDocument) =>
  root.children.every(({ name }) => name === 'import' || name === 'annotation');

function groupsOf(
  documents: SchemaDocuments['documents'],
  all: readonly SchemaDocument[],
  roots: readonly string[],
): Groups {
  const imported = [...documents.values()].flatMap(({ references }) =>
    references.flatMap(({ kind, target }) => (kind === 'import' && target !== null ? [target] : [])),
  );
  const redefined = new Set(
    all.flatMap(({ references }) => references.flatMap(({ kind, target }) => (kind === 'redefine' ? target : []))),
  );
  const groups = new Map<string, string[]>();
  for (const { id, namespace } of all) {
    if (!roots.includes(id) && !imported.includes(id)) continue;
    groups.set(namespace, [...(groups.get(namespace) ?? []), id]);
  }
  for (const [namespace, ids] of groups) {
    const own = ids.filter((id) => !redefined.has(id));
    if (own.length > 0) groups.set(namespace, own);
  }
  return groups;
}

function placesOf(all: readonly SchemaDocument[], first: SchemaDocument): ReadSchema['place'] {
  const byName = new Map(all.map((one) => [one.name, one]));
  return (name, line) => {
    const { file, firstLine } = byName.get(name) ?? { file: first.file, firstLine: 1 };
    return { file, line: byName.has(name) && line > 0 ? firstLine + line - 1 : firstLine };
  };
}

/**
 * The edits that put every reference at the name that `nameOf` gives; at null it loses its location, at undefined it stays
 * as it is.
 */
export const relocations = (
  references: readonly SchemaReference[],
  nameOf: (reference: SchemaReference) => string | null | undefined,
): readonly Edit[] =>
  references.flatMap((reference) => {
    const name = nameOf(reference);
    return name === undefined ? [] : located(reference.element, name);
  });

function located(element: Markup, name: string | null): Edit | [] {
  const location = element.attributes.find((attribute) => attribute.name === 'schemaLocation');
  const value = attributeText(name ?? '');
  if (location && name === null) return { start: location.nameStart, end: location.end + 1, text: '' };
  if (location) return { start: location.start, end: location.end, text: value };
  if (name === null) return [];
  return { start: element.nameEnd, end: element.nameEnd, text: ` schemaLocation="${value}"` };
}

const wrapper = (namespace: string, names: readonly string[]) => {
  const target = namespace === '' ? '' : ` targetNamespace="${attributeText(namespace)}"`;
  const includes = names.map((name) => `  <xs:include schemaLocation="${attributeText(name)}"/>`);
  return `<xs:schema xmlns:xs="${XSD}"${target}>\n${includes.join('\n')}\n</xs:schema>\n`;
};

/** A schema document that only joins others, for a validator that wants one entry. */
function joining(schemas: readonly (readonly [namespace: string, name: string])[]): string {
  const joins = schemas.map(([namespace, name]) =>
    namespace === ''
      ? `  <xs:include schemaLocation="${attributeText(name)}"/>`
      : `  <xs:import namespace="${attributeText(namespace)}" schemaLocation="${attributeText(name)}"/>`,
  );
  return `<xs:schema xmlns:xs="${XSD}">\n${joins.join('\n')}\n</xs:schema>\n`;
}
