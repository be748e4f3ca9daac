import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { isMap, isNode, LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { RegistryDocument } from './document-types.js';
import { reason } from '../interface/interface-files.js';
import { TRANSFER_LIMITS } from '../interface/interface-limits.js';
import { valueOf, YAML_READING, YamlError } from '../interface/json/json-documents.js';
import type { RegistryProblem } from '../registry.js';

export type Path = readonly (string | number)[];

/** One document of the registry with its place. */
export interface Written<T> {
  readonly value: T;
  /** Relative to the registry's directory, with slashes. */
  readonly file: string;
  readonly absolute: string;
  /** The line of the value at a path; of the nearest one above where there is none. */
  line(path: Path): number;
}

export type Noted = (problem: RegistryProblem) => void;

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** The registry's files below the directory, sorted; dot files and node_modules are left out. */
export function registryFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && EXTENSIONS.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(directory, path)
          .split(sep)
          .some((part) => part.startsWith('.') || part === 'node_modules'),
    )
    .sort();
}

/** Reads every document; what has no `kind` in a JSON or YAML file beside them (a JSON Schema, an OpenAPI) is passed over. */
export function readDocuments(directory: string, read: Map<string, Buffer>, note: Noted): readonly Written<unknown>[] {
  return registryFiles(directory).flatMap((absolute) => {
    const bytes = readFileSync(absolute);
    read.set(absolute, bytes);
    return parseFile(bytes.toString('utf8'), absolute, relative(directory, absolute).replaceAll(sep, '/'), note);
  });
}

/** A file of a directory is read under the same limits as one of an archive. */
function parseFile(text: string, absolute: string, file: string, note: Noted): readonly Written<unknown>[] {
  const hint = 'correct the YAML; indent with blanks, quote what has a colon';
  if (Buffer.byteLength(text) > TRANSFER_LIMITS.unpacked) {
    note({ file, line: 1, message: `is longer than ${TRANSFER_LIMITS.unpacked / 1024 / 1024} MiB`, hint });
    return [];
  }
  const lines = new LineCounter();
  const reading = { ...YAML_READING, merge: false, lineCounter: lines, prettyErrors: false };
  return parseAllDocuments(text, reading).flatMap((document: Document.Parsed) => {
    if (document.errors.length === 0 && (document.contents === null || isPublication(document))) return [];
    try {
      return [{ value: valueOf(document, lines), file, absolute, line: lineFinder(document, lines) }];
    } catch (error) {
      const [line, message] = error instanceof YamlError ? [error.line, error.said] : [1, reason(error)];
      note({ file, line, message, hint });
      return [];
    }
  });
}

/** A schema or an interface description that lies among the registry's documents. */
const isPublication = (document: Document.Parsed) =>
  isMap(document.contents) &&
  !document.has('kind') &&
  ['$schema', 'openapi', 'swagger', 'asyncapi'].some((key) => document.has(key));

/** The line of the value at a path of the document, from 1. */
export function lineFinder(document: Document.Parsed, lines: LineCounter): (path: Path) => number {
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const start = startOf(document, path.slice(0, length));
      if (start !== null) return lines.linePos(start).line;
    }
    return 1;
  };
}

/** Offset of the key where the value stands in a map, of the value itself in a list. */
function startOf(document: Document.Parsed, path: Path): number | null {
  const parent = path.length === 0 ? null : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String(key) === String(path.at(-1)));
    return pair && isNode(pair.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

export type WrittenDocument<K extends RegistryDocument['kind']> = Written<Extract<RegistryDocument, { kind: K }>>;
