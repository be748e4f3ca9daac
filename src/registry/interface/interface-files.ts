import { basename, dirname, resolve } from 'node:path';
import { toUtf8 } from '../../protocol/xml/encoding.js';
import { entityUse, withoutDoctype } from '../../protocol/xml/doctype.js';
import { lineAt, type NoteInterface } from './interface-problem.js';
import { readStandard, standardSchema } from './standard-schemas.js';

/** Remote location or namespace -> local file, as a service document maps it: for what is published elsewhere. */
export type Catalog = Readonly<Record<string, string>>;

/** The bytes of a file by its absolute path; null where there is none. On disk, or in a bundle that was sent. */
export type ReadFile = (path: string) => Buffer | null;

/** What a service document's files are read through: every problem is noted, every file read is remembered. */
export interface InterfaceFiles {
  /** The file's text in UTF-8 without DOCTYPE and encoding declaration; null (and a problem) where it cannot be read. */
  readXml(path: string): string | null;
  readText(path: string): string | null;
  /**
   * The absolute path of what a document points at: a file of the interface, else a schema that every gateway knows, by
   * location or namespace. Null where nothing answers to it.
   */
  find(location: string, from: string, namespace?: string): string | null;
  /** As `find`, where nothing answers with a problem. */
  locate(location: string, from: string, line?: number): string | null;
  /** Says once that the location is not at hand. */
  missing(location: string, from: string, line: number): void;
  /** The file that the catalog, else the gateway itself, gives for a location or namespace. */
  catalogued(name: string): string | null;
  readonly problem: NoteInterface;
}

interface FileParts {
  /** Directory of the service document: the catalog's files are relative to it. */
  readonly directory: string;
  readonly catalog: Catalog;
  readonly read: ReadFile;
  readonly problem: NoteInterface;
}

export function interfaceFiles({ directory, catalog, read: readOwn, problem }: FileParts): InterfaceFiles {
  const read: ReadFile = (path) => readStandard(path) ?? readOwn(path);
  const bytesOf = (path: string): Buffer | null => {
    const bytes = read(path);
    if (!bytes) problem(`${path} cannot be read`, 'paths are relative to the document that names them');
    return bytes;
  };
  const mapped = (name: string) => (Object.hasOwn(catalog, name) ? resolve(directory, catalog[name] ?? '') : null);
  const find = (location: string, from: string, namespace = '') => {
    const name = location.trim();
    const own = mapped(name) ?? mapped(namespace) ?? localPath(name, from, read);
    return own ?? standardSchema(name) ?? standardSchema(namespace);
  };
  const told = new Set<string>();
  const missing = (location: string, from: string, line: number) => {
    const name = location.trim();
    const key = isAddress(name) ? name : resolve(dirname(from), name);
    if (told.has(key)) return;
    told.add(key);
    problem(`"${name}" in ${basename(from)} is not at hand`, missingHint(name), { file: from, line });
  };
  return {
    problem,
    find,
    missing,
    catalogued: (name) => mapped(name) ?? standardSchema(name),
    locate: (location, from, line = 1) => {
      const path = find(location, from);
      if (path === null) missing(location, from, line);
      return path;
    },
    readText: (path) =>
      bytesOf(path)
        ?.toString('utf8')
        .replace(/^\uFEFF/, '') ?? null,
    readXml: (path) => {
      const bytes = bytesOf(path);
      return bytes && plainXml(bytes, path, problem);
    },
  };
}

function plainXml(bytes: Buffer, path: string, problem: NoteInterface): string | null {
  try {
    const text = toUtf8(bytes, null).utf8.toString('utf8');
    const entity = entityUse(text);
    if (!entity) return withoutDoctype(text).replace(/^<\?xml[^]*?\?>/, '<?xml version="1.0" encoding="UTF-8"?>');
    const at = { file: path, line: lineAt(text, entity.at) };
    problem(`${basename(path)} ${entity.why}`, 'write out what the entities stand for and leave out the DOCTYPE', at);
  } catch (error) {
    problem(`${basename(path)}: ${reason(error)}`, 'save the file as UTF-8', { file: path, line: 1 });
  }
  return null;
}

const isAddress = (location: string) => /^[a-z][a-z0-9+.-]*:/i.test(location) || location.startsWith('//');

const missingHint = (location: string) =>
  /^(?:[/\\]|file:|[a-z]:)/i.test(location)
    ? 'a location is relative to the document that names it'
    : isAddress(location)
      ? 'nothing is fetched: keep a copy and map it under catalog:'
      : 'add the file at this place, relative to the document that names it';

/** A file that is there, relative to the document that names it; `%20` is a blank, and `\\` a slash as on Windows. */
function localPath(location: string, from: string, read: ReadFile): string | null {
  if (location === '' || isAddress(location) || /^[/\\]/.test(location)) return null;
  const spelled = [location, decodePercent(location), decodePercent(location).replaceAll('\\', '/')];
  const places = spelled.map((one) => resolve(dirname(from), one));
  return places.find((path) => read(path)) ?? null;
}

function decodePercent(location: string): string {
  try {
    return decodeURIComponent(location);
  } catch {
    return location;
  }
}

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
