import type { SchemaBundle } from '../../message/document.js';
import {
  compileSchema,
  elementsOf,
  freeDocument,
  freeSchema,
  localName,
  namespaceOf,
  parse,
  rootElement,
  attributesOf,
  serialize,
  setAttribute,
  textOf,
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

/**
 * Compiles a bundle from memory. Documents get safe names of their own, because libxml2 fails on blanks; a DOCTYPE
 * is left out (xmldsig carries one). Throws Error with every schemaLocation that names no document of the bundle, or
 * with libxml2's reasons.
 */
export function compileXsd(bundle: SchemaBundle): CompiledXsd {
  const names = Object.keys(bundle.documents);
  const ids = new Map(names.map((name, index) => [name, `mem:/${index}.xsd`]));
  const entryId = ids.get(bundle.entry);
  if (entryId === undefined) throw new Error(`XSD bundle without its entry ${bundle.entry}`);
  const resources = renamed(bundle, ids);
  const entry = parseOrThrow(resources[entryId] ?? Buffer.alloc(0), bundle.entry, entryId);
  try {
    const schema = compileSchema(entry, resources);
    return { schema, dispose: () => (freeSchema(schema), freeDocument(entry)) };
  } catch (error) {
    freeDocument(entry);
    throw new Error(`XSD ${bundle.entry} does not compile: ${readable(error, ids)}`, { cause: error });
  }
}

function readable(error: unknown, ids: ReadonlyMap<string, string>): string {
  const text = error instanceof Error ? error.message : String(error);
  return [...ids].reduce((words, [name, id]) => words.replaceAll(id, name), text);
}

function renamed({ documents }: SchemaBundle, ids: ReadonlyMap<string, string>): Record<string, Uint8Array> {
  const unresolved: string[] = [];
  const resources: Record<string, Uint8Array> = {};
  for (const [name, text] of Object.entries(documents)) {
    const document = parseOrThrow(Buffer.from(withoutDoctype(text)), name, null);
    unresolved.push(...renameReferences(rootElement(document), name, ids));
    resources[ids.get(name) ?? name] = serialize(rootElement(document));
    freeDocument(document);
  }
  if (unresolved.length > 0) throw new Error(`XSD bundle does not hold: ${unresolved.join('; ')}`);
  return resources;
}

/** Returns the references that the bundle does not resolve. */
function renameReferences(root: NodePointer, name: string, ids: ReadonlyMap<string, string>): string[] {
  const unresolved: string[] = [];
  for (const element of elementsOf(root)) {
    if (namespaceOf(element) !== SCHEMA_NAMESPACE || !REFERENCES.includes(localName(element))) continue;
    const location = [...attributesOf(element)].find((attribute) => localName(attribute) === 'schemaLocation');
    if (location === undefined) continue;
    const target = textOf(location);
    const id = ids.get(target);
    if (id === undefined) unresolved.push(`${target} (${localName(element)} in ${name})`);
    else setAttribute(element, 'schemaLocation', id);
  }
  return unresolved;
}

function parseOrThrow(bytes: Uint8Array, name: string, url: string | null): number {
  const parsed = parse(bytes, url);
  if ('document' in parsed) return parsed.document;
  throw new Error(`XSD ${name}, line ${parsed.error.line}: ${parsed.error.message}`);
}
