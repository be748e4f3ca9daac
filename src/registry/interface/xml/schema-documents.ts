import { basename } from 'node:path';
import { documentNames, type DocumentNames } from '../document-names.js';
import { reason, type InterfaceFiles } from '../interface-files.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';
import { lineAt } from '../interface-problem.js';
import { attributeOf, MarkupError, readMarkup, type Markup } from './markup.js';
import { usesNamespace, XSD } from './schema-names.js';

const REFERENCES = ['include', 'import', 'redefine', 'override'];

/** One schema: a file, or a schema inside a WSDL. */
export interface SchemaDocument {
  /** Path of the file; with a number behind it for a schema inside a WSDL. */
  readonly id: string;
  /** Its flat name, by which others point at it. */
  readonly name: string;
  readonly file: string;
  /** Line of the file where the text begins. */
  readonly firstLine: number;
  readonly text: string;
  readonly root: Markup;
  /** Its targetNamespace; '' where it has none. */
  readonly namespace: string;
  readonly references: readonly SchemaReference[];
}

export interface SchemaReference {
  readonly element: Markup;
  readonly kind: string;
  /** Of an import: the namespace that it asks for. */
  readonly namespace: string;
  /** Id of the document that it names; null where it names none, or none that is at hand. */
  target: string | null;
}

/** A schema as it is found in a WSDL, before what it refers to is. */
export type InlineSchema = Omit<SchemaDocument, 'name' | 'references' | 'namespace'>;

/** Every schema document that an interface needs, by id. */
export interface SchemaDocuments {
  readonly documents: ReadonlyMap<string, SchemaDocument>;
  readonly names: DocumentNames;
  /** False where a document is missing that the others need: that has been said. */
  readonly isComplete: boolean;
  /** False where a document that is at hand cannot be read: what it declares is not known. */
  readonly isRead: boolean;
}

interface Wanted {
  readonly path: string;
  readonly level: number;
}

interface Reading {
  readonly files: InterfaceFiles;
  readonly documents: Map<string, SchemaDocument>;
  readonly names: DocumentNames;
  readonly queue: Wanted[];
  readonly asked: Set<string>;
  /** Imports whose location is not at hand: another document may have their namespace. */
  readonly unanswered: Unanswered[];
  bytes: number;
  isComplete: boolean;
  isRead: boolean;
}

interface Unanswered {
  readonly document: Omit<SchemaDocument, 'references'>;
  readonly reference: SchemaReference;
}

/**
 * Follows include, import, redefine and override from file to file (circles allowed), the nearest first. What is not at
 * hand is a problem, never fetched; an import without a location is answered by a document of its namespace that is there.
 */
export function readSchemas(
  roots: { readonly paths: readonly string[]; readonly inline: readonly InlineSchema[] },
  files: InterfaceFiles,
  names: DocumentNames = documentNames(),
): SchemaDocuments {
  const reading: Reading = {
    ...{ files, documents: new Map(), names, queue: [], asked: new Set(), unanswered: [] },
    ...{ bytes: 0, isComplete: true, isRead: true },
  };
  for (const path of roots.paths) ask(reading, path, 0);
  for (const inline of roots.inline) hold(reading, inline, 0);
  do readQueue(reading);
  while (askForNamespaces(reading));
  for (const one of reading.unanswered) reportImport(reading, one);
  const { documents, isComplete, isRead } = reading;
  return { documents, names, isComplete, isRead };
}

function ask({ asked, queue }: Reading, path: string, level: number): void {
  if (asked.has(path)) return;
  asked.add(path);
  queue.push({ path, level });
}

function readQueue(reading: Reading): void {
  const { queue, files } = reading;
  for (let wanted = queue.shift(); wanted; wanted = queue.shift()) {
    const { path, level } = wanted;
    const refused = beyondLimits(reading, level);
    if (refused !== null) {
      files.problem(refused, 'divide the interface', { file: path, line: 1 });
      queue.length = 0;
    }
    const text = refused === null ? files.readXml(path) : null;
    const root = text === null ? null : schemaRoot(text, path, files);
    if (text !== null && root) hold(reading, { id: path, file: path, firstLine: 1, text, root }, level);
    else reading.isComplete = reading.isRead = false;
  }
}

function beyondLimits({ documents, bytes }: Reading, level: number): string | null {
  const { maxFiles, maxBytes, maxImportLevels } = INTERFACE_LIMITS;
  if (level > maxImportLevels) return `is more than ${maxImportLevels} imports away from the first file`;
  if (documents.size >= maxFiles) return `the interface has more than ${maxFiles} files`;
  return bytes > maxBytes ? `the interface has more than ${maxBytes} bytes` : null;
}

function hold(reading: Reading, inline: InlineSchema, level: number): void {
  const { names, documents } = reading;
  const namespace = attributeOf(inline.root, 'targetNamespace') ?? '';
  const document = { ...inline, namespace, name: names.known(inline.id) ?? names.give(inline.id) };
  const references = referencesOf(inline.root).map((element) => {
    const reference = { element, kind: element.name, namespace: attributeOf(element, 'namespace') ?? '', target: null };
    return { ...reference, target: targetOf(reading, document, reference) };
  });
  documents.set(inline.id, { ...document, references });
  reading.bytes += inline.text.length;
  for (const { target } of references) if (target !== null) ask(reading, target, level + 1);
}

export const referencesOf = (root: Markup): readonly Markup[] =>
  root.children.filter(({ namespace, name }) => namespace === XSD && REFERENCES.includes(name));

/** The file that a reference names; null where it names none, or none that is at hand. */
function targetOf(reading: Reading, document: Unanswered['document'], reference: SchemaReference): string | null {
  const { element, kind, namespace } = reference;
  const location = attributeOf(element, 'schemaLocation');
  if (location === null || location.trim() === '') return null;
  const path = reading.files.find(location, document.file, kind === 'import' ? namespace : '');
  if (path === null && kind === 'import') reading.unanswered.push({ document, reference });
  else if (path === null) reportMissing(reading, document, element);
  return path;
}

/** An import that nothing answers. Of the web a warning only, where another document has its namespace or a WSDL needs it not. */
function reportImport(reading: Reading, { document, reference }: Unanswered): void {
  const { id, file, root } = document;
  const { element, namespace } = reference;
  const location = attributeOf(element, 'schemaLocation')?.trim() ?? '';
  const other = [...reading.documents.values()].find((one) => one.namespace === namespace);
  const isSpare = other !== undefined || (id !== file && !usesNamespace(root, namespace));
  if (!/^https?:/.test(location) || !isSpare) return reportMissing(reading, document, element);
  reading.files.problem(
    `"${location}" is not at hand; ${other ? `${basename(other.file)} stands for it` : 'the schema uses nothing of it'}`,
    'keep a copy and map it under catalog:, or leave the import out',
    { file, line: lineOf(document, element), severity: 'warning' },
  );
}

function reportMissing(reading: Reading, document: Unanswered['document'], element: Markup): void {
  reading.files.missing(attributeOf(element, 'schemaLocation') ?? '', document.file, lineOf(document, element));
  reading.isComplete = false;
}

const lineOf = ({ firstLine, text }: Unanswered['document'], element: Markup) =>
  firstLine + lineAt(text, element.start) - 1;

/** Imports without a location, of namespaces that no document has: the catalog or the gateway may answer. */
function askForNamespaces(reading: Reading): boolean {
  const { documents, files, queue } = reading;
  const known = new Set([...documents.values()].map(({ namespace }) => namespace));
  for (const { references } of documents.values())
    for (const reference of references) {
      if (reference.kind !== 'import' || reference.target !== null || known.has(reference.namespace)) continue;
      const path = files.catalogued(reference.namespace);
      if (path === null) continue;
      reference.target = path;
      ask(reading, path, 1);
    }
  return queue.length > 0;
}

function schemaRoot(text: string, path: string, files: InterfaceFiles): Markup | null {
  const at = { file: path, line: 1 };
  try {
    const root = readMarkup(text);
    if (root.namespace === XSD && root.name === 'schema') return root;
    files.problem(`${basename(path)} is no XML Schema but {${root.namespace}}${root.name}`, 'name an .xsd file', {
      ...at,
      line: lineAt(text, root.start),
    });
  } catch (error) {
    if (error instanceof MarkupError) files.problem(error.why, 'correct the schema', { ...at, line: error.line });
    else files.problem(reason(error), 'correct the schema', at);
  }
  return null;
}
