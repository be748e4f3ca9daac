import type { SchemaBundle } from '../../../message/document.js';
import { documentNames, schemaBundle, type DocumentNames } from '../document-names.js';
import type { InterfaceFiles } from '../interface-files.js';
import { isObject, readJsonDocument } from './json-documents.js';
import { sourcesOf } from './json-source.js';

/** JSON documents (schemas, an OpenAPI description) under flat names, every $ref to a file rewritten to a name. */
export interface JsonClosure {
  readonly documents: Record<string, string>;
  readonly names: DocumentNames;
  add(path: string): string | null;
  /** The value with every `$ref` rewritten; files it points at are added. */
  relocated(value: unknown, from: string): unknown;
}

/** Keywords whose value is data, where a `$ref` would be no reference. */
const DATA = new Set(['const', 'enum', 'examples', 'example', 'default']);

/** Keywords whose value holds schemas by name, where no name is a keyword. */
const MAPS = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'dependencies']);

/**
 * Follows every `$ref` to a file. `$id` is left out of each document, where names in the bundle stand for it, and inside
 * it where it is no URI (`#root/version`).
 */
export function jsonClosure(files: InterfaceFiles): JsonClosure {
  const documents: Record<string, string> = {};
  const names = documentNames();
  const identifiers = new Map<string, unknown>();
  const sources = sourcesOf(files);
  const add = (path: string): string | null => {
    const known = names.known(path);
    if (known !== undefined) return known;
    const value = readJsonDocument(path, files);
    if (value === null) return null;
    const name = names.give(path);
    identifiers.set(path, value['$id']);
    const schema = { ...(relocated(value, path) as Record<string, unknown>), $id: undefined };
    documents[name] = `${JSON.stringify(schema, null, 2)}\n`;
    return name;
  };
  const relocated = (value: unknown, from: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => relocated(item, from));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(
          ([key, inner]) =>
            !(key === '$id' && typeof inner === 'string' && inner.startsWith('#') && inner.includes('/')),
        )
        .map(([key, inner]) => [key, member(key, inner, from)]),
    );
  };
  const member = (key: string, inner: unknown, from: string): unknown => {
    if (key === '$ref' && typeof inner === 'string') return moved(inner.trim(), from);
    if (MAPS.has(key) && isObject(inner))
      return Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, relocated(one, from)]));
    return DATA.has(key) ? inner : relocated(inner, from);
  };
  const moved = (reference: string, from: string): string => {
    const [file = '', fragment] = reference.split('#', 2);
    if (file === '') return reference;
    if (file === identifiers.get(from)) return `#${fragment ?? ''}`;
    const path = files.find(file, from);
    if (path === null) files.missing(file, from, sources(from).lineOfReference(reference));
    const name = path === null ? null : add(path);
    return name === null ? reference : fragment === undefined ? name : `${name}#${fragment}`;
  };
  return { documents, names, add, relocated };
}

/** The JSON Schema at `path` with every file that it refers to; null (and problems) where it cannot be read. */
export function jsonSchemaBundle(path: string, files: InterfaceFiles): SchemaBundle | null {
  const closure = jsonClosure(files);
  const entry = closure.add(path);
  return entry === null ? null : schemaBundle('json-schema', entry, closure.documents);
}
