import type { SchemaBundle } from '../../message/document.js';
import {
  attributesOf,
  compileSchema,
  elementsOf,
  freeDocument,
  freeSchema,
  localName,
  namespaceOf,
  parse,
  rootElement,
  serialize,
  setAttribute,
  textOf,
  type LibraryError,
  type NodePointer,
  type SchemaPointer,
} from './libxml.js';
import { withoutDoctype } from './doctype.js';

const SCHEMA_NAMESPACE = 'http://www.w3.org/2001/XMLSchema';
const REFERENCES = ['include', 'import', 'redefine', 'override'];

/** A schema in the memory of libxml2; disposed exactly once. */
export interface CompiledXsd {
  readonly schema: SchemaPointer;
  dispose(): void;
}

export interface XsdReason {
  /** Name of the document in the bundle. */
  readonly document: string;
  /** Line in that document; 0 where libxml2 knows none. */
  readonly line: number;
  readonly message: string;
}

/** A bundle that does not compile, with everything that libxml2 says against it. */
export class XsdError extends Error {
  constructor(
    entry: string,
    readonly reasons: readonly XsdReason[],
  ) {
    const said = reasons.map(({ document, line, message }) => `${document}, line ${line}: ${message}`);
    super(`XSD ${entry} does not compile: ${said.join('; ') || 'libxml2 gave no reason'}`);
    this.name = 'XsdError';
  }
}

/**
 * Compiles a bundle from memory; a DOCTYPE is left out (xmldsig carries one). Throws Error with every schemaLocation that
 * names no document of the bundle, or XsdError.
 */
export function compileXsd(bundle: SchemaBundle): CompiledXsd {
  const ids = new Map(Object.keys(bundle.documents).map((name, index) => [name, idOf(name, index)]));
  const entryId = ids.get(bundle.entry);
  if (entryId === undefined) throw new Error(`XSD bundle without its entry ${bundle.entry}`);
  const resources = addressed(bundle, ids);
  const entry = parseOrThrow(resources[entryId] ?? Buffer.alloc(0), bundle.entry, entryId);
  const compiled = compileSchema(entry, resources);
  if ('schema' in compiled)
    return { schema: compiled.schema, dispose: () => (freeSchema(compiled.schema), freeDocument(entry)) };
  freeDocument(entry);
  throw new XsdError(bundle.entry, readable(compiled.errors, bundle.entry, ids));
}

/** A flat name is its own relative address, so its document stays as it is; libxml2 fails on blanks and the like. */
const idOf = (name: string, index: number) =>
  /^\w[\w.-]*$/.test(name) ? `mem:/flat/${name}` : `mem:/numbered/${index}.xsd`;

function readable(
  errors: readonly LibraryError[],
  entry: string,
  ids: ReadonlyMap<string, string>,
): readonly XsdReason[] {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  return errors.map(({ message, file, line }) => ({
    document: names.get(file ?? '') ?? entry,
    line,
    message: message
      .replace(/mem:\/(?:flat|numbered)\/[\w.-]+/g, (id) => names.get(id) ?? id)
      .replaceAll(`{${SCHEMA_NAMESPACE}}`, 'xs:'),
  }));
}

/** Every document under its id, with references that name ids; lines stay where they are in documents with flat names. */
function addressed({ documents }: SchemaBundle, ids: ReadonlyMap<string, string>): Record<string, Uint8Array> {
  const unresolved: string[] = [];
  const resources: Record<string, Uint8Array> = {};
  for (const [name, text] of Object.entries(documents)) {
    const bytes = Buffer.from(withoutDoctype(text));
    const document = parseOrThrow(bytes, name, null);
    const found = locationsOf(rootElement(document));
    unresolved.push(...found.filter(({ at }) => !ids.has(at)).map(({ at, kind }) => `${at} (${kind} in ${name})`));
    const isFlat = [name, ...found.map(({ at }) => at)].every((one) => ids.get(one)?.startsWith('mem:/flat/'));
    resources[ids.get(name) ?? name] = isFlat ? bytes : absolute(rootElement(document), found, ids);
    freeDocument(document);
  }
  if (unresolved.length > 0) throw new Error(`XSD bundle does not hold: ${unresolved.join('; ')}`);
  return resources;
}

interface Located {
  readonly element: NodePointer;
  readonly kind: string;
  readonly at: string;
}

function absolute(root: NodePointer, found: readonly Located[], ids: ReadonlyMap<string, string>): Buffer {
  for (const { element, at } of found) setAttribute(element, 'schemaLocation', ids.get(at) ?? at);
  return serialize(root);
}

function locationsOf(root: NodePointer): readonly Located[] {
  const located: Located[] = [];
  for (const element of elementsOf(root)) {
    if (namespaceOf(element) !== SCHEMA_NAMESPACE || !REFERENCES.includes(localName(element))) continue;
    const location = [...attributesOf(element)].find((attribute) => localName(attribute) === 'schemaLocation');
    if (location !== undefined) located.push({ element, kind: localName(element), at: textOf(location) });
  }
  return located;
}

function parseOrThrow(bytes: Uint8Array, name: string, url: string | null): number {
  const parsed = parse(bytes, url);
  if ('document' in parsed) return parsed.document;
  const { line, message } = parsed.error;
  throw new XsdError(name, [{ document: name, line, message }]);
}
