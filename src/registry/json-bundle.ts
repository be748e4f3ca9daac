import { basename } from 'node:path';
import { parse } from 'yaml';
import type { SchemaBundle } from '../message/document.js';
import { documentNames, schemaBundle, type DocumentNames } from './document-names.js';
import { reason, type InterfaceFiles } from './interface-files.js';

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

/** Follows every `$ref` to a file. `$id` is left out of each document: names in the bundle stand for it. */
export function jsonClosure(files: InterfaceFiles): JsonClosure {
  const documents: Record<string, string> = {};
  const names = documentNames();
  const add = (path: string): string | null => {
    const known = names.known(path);
    if (known !== undefined) return known;
    const value = readJson(path, files);
    if (value === undefined) return null;
    const name = names.give(path);
    const schema = { ...(relocated(value, path) as Record<string, unknown>), $id: undefined };
    documents[name] = `${JSON.stringify(schema, null, 2)}\n`;
    return name;
  };
  const relocated = (value: unknown, from: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => relocated(item, from));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string'
          ? moved(inner, from)
          : DATA.has(key)
            ? inner
            : relocated(inner, from),
      ]),
    );
  };
  const moved = (reference: string, from: string): string => {
    const [file = '', fragment] = reference.split('#', 2);
    if (file === '') return reference;
    const path = files.locate(file, from);
    const name = path === null ? null : add(path);
    return name === null ? reference : fragment === undefined ? name : `${name}#${fragment}`;
  };
  return { documents, names, add, relocated };
}

function readJson(path: string, files: InterfaceFiles): object | undefined {
  const text = files.readText(path);
  if (text === null) return undefined;
  try {
    const value: unknown = path.endsWith('.json') ? JSON.parse(text) : parse(text, { merge: true });
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    files.problem(`${basename(path)} is no JSON object`, 'a schema is an object');
  } catch (error) {
    files.problem(`${basename(path)}: ${reason(error)}`, 'correct the document');
  }
  return undefined;
}

/** The JSON Schema at `path` with every file that it refers to; null (and problems) where it cannot be read. */
export function jsonSchemaBundle(path: string, files: InterfaceFiles): SchemaBundle | null {
  const closure = jsonClosure(files);
  const entry = closure.add(path);
  return entry === null ? null : schemaBundle('json-schema', entry, closure.documents);
}
