import type { SchemaBundle } from '../../../message/document.js';
import { schemaBundle } from '../document-names.js';
import type { InterfaceFiles } from '../interface-files.js';
import type { InterfacePlace } from '../interface-problem.js';
import { attributeText, edited, type Edit, type Markup } from './markup.js';
import { readSchemas, type SchemaDocument, type SchemaDocuments, type SchemaReference } from './schema-documents.js';
import { groupsOf, withoutCopies, type Groups } from './schema-groups.js';
import { XSD } from './schema-names.js';

/** A schema to validate by, with what is known of it. */
export interface ReadSchema {
  readonly bundle: SchemaBundle;
  readonly documents: readonly SchemaDocument[];
  /** False where a document is missing: then it cannot compile. */
  readonly isComplete: boolean;
  /** False where a document at hand cannot be read. */
  readonly isRead: boolean;
  /** Where a line of a document of the bundle stands in the files. */
  place(document: string, line: number): InterfacePlace;
}

/** A schema file with all that it includes and imports; null (and problems) where it cannot be read. */
export function readXsd(path: string, files: InterfaceFiles): ReadSchema | null {
  const read = readSchemas({ paths: [path], inline: [] }, files);
  const documents = withoutCopies(read.documents);
  return merged({ ...read, documents }, groupsOf(documents, [path], files), 'first');
}

/**
 * The schemas of a WSDL with all that they include and import; null where it has none. One that stands inside the WSDL and
 * declares nothing is left out: what it imports stands for it.
 */
export function joinedSchema(
  read: SchemaDocuments,
  roots: readonly string[],
  files: InterfaceFiles,
): ReadSchema | null {
  const all = withoutCopies(read.documents);
  const isOnlyImports = ({ id, root }: SchemaDocument) =>
    roots.includes(id) && root.children.every(({ name }) => name === 'import' || name === 'annotation');
  const imported = [...all.values()].filter(isOnlyImports).flatMap(({ references }) => references.map(targetOf));
  const documents = new Map([...all].filter(([, one]) => !isOnlyImports(one)));
  return merged({ ...read, documents }, groupsOf(documents, [...roots, ...imported], files), 'all');
}

const targetOf = ({ target }: SchemaReference) => target ?? '';

/**
 * Every document in one bundle that begins at the first document or joins all namespaces. A validator takes one document
 * for a namespace and passes over the others, so where several are imported a wrapper includes them all and every import of
 * the namespace names the wrapper.
 */
function merged(
  { documents, names, isComplete, isRead }: SchemaDocuments,
  groups: Groups,
  begin: 'first' | 'all',
): ReadSchema | null {
  const [first] = documents.values();
  if (!first) return null;
  const texts: Record<string, string> = {};
  const entries = new Map<string, string>();
  for (const [namespace, group] of groups) {
    const name = group.length === 1 && group[0] ? group[0].name : names.give(`/namespace-${entries.size + 1}.xsd`);
    entries.set(namespace, name);
    if (group.length > 1) texts[name] = wrapper(namespace, group);
  }
  const nameOf = ({ kind, namespace, target }: SchemaReference) => {
    const document = documents.get(target ?? '');
    const name = kind === 'import' ? entries.get(document?.namespace ?? namespace) : document?.name;
    return name ?? null;
  };
  for (const { name, text, references } of documents.values())
    texts[name] = edited(text, relocations(references, nameOf));
  const isAlone = begin === 'first' && entries.get(first.namespace) === first.name;
  const entry = isAlone ? first.name : names.give('/entry.xsd');
  if (!isAlone) texts[entry] = joining(entries);
  const all = [...documents.values()];
  return { bundle: schemaBundle('xsd', entry, texts), documents: all, isComplete, isRead, place: placesOf(all, first) };
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

const wrapper = (namespace: string, group: readonly SchemaDocument[]) => {
  const target = namespace === '' ? '' : ` targetNamespace="${attributeText(namespace)}"`;
  const includes = group.map(({ name }) => `  <xs:include schemaLocation="${attributeText(name)}"/>`);
  return `<xs:schema xmlns:xs="${XSD}"${target}>\n${includes.join('\n')}\n</xs:schema>\n`;
};

/** A schema document that only joins others, for a validator that wants one entry. */
function joining(entries: ReadonlyMap<string, string>): string {
  const joins = [...entries].map(([namespace, name]) =>
    namespace === ''
      ? `  <xs:include schemaLocation="${attributeText(name)}"/>`
      : `  <xs:import namespace="${attributeText(namespace)}" schemaLocation="${attributeText(name)}"/>`,
  );
  return `<xs:schema xmlns:xs="${XSD}">\n${joins.join('\n')}\n</xs:schema>\n`;
}
