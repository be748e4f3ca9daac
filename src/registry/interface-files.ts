import { basename, dirname, resolve } from 'node:path';
import { toUtf8 } from '../protocol/xml/encoding.js';
import { withoutDoctype } from '../protocol/xml/doctype.js';

/** Remote location or namespace -> local file, as a service document maps it: for what is published elsewhere. */
export type Catalog = Readonly<Record<string, string>>;

/** The bytes of a file by its absolute path; null where there is none. On disk, or in a bundle that was sent. */
export type ReadFile = (path: string) => Buffer | null;

/** What a service document's files are read through: every problem is noted, every file read is remembered. */
export interface InterfaceFiles {
  /** The file's text in UTF-8 without DOCTYPE and encoding declaration; null (and a problem) where it cannot be read. */
  readXml(path: string): string | null;
  readText(path: string): string | null;
  /** The absolute path of what a document points at; null (and a problem) where nothing local answers to it. */
  locate(location: string, from: string): string | null;
  /** The local file that the catalog gives for a location or namespace. */
  catalogued(name: string): string | null;
  problem(message: string, hint: string): void;
}

interface FileParts {
  /** Directory of the service document: the catalog's files are relative to it. */
  readonly directory: string;
  readonly catalog: Catalog;
  readonly read: ReadFile;
  readonly problem: (message: string, hint: string) => void;
}

export function interfaceFiles({ directory, catalog, read, problem }: FileParts): InterfaceFiles {
  const bytesOf = (path: string): Buffer | null => {
    const bytes = read(path);
    if (!bytes) problem(`${path} cannot be read`, 'paths are relative to the document that names them');
    return bytes;
  };
  const catalogued = (name: string) => (catalog[name] === undefined ? null : resolve(directory, catalog[name]));
  return {
    problem,
    catalogued,
    readText: (path) =>
      bytesOf(path)
        ?.toString('utf8')
        .replace(/^\uFEFF/, '') ?? null,
    readXml: (path) => {
      const bytes = bytesOf(path);
      if (!bytes) return null;
      try {
        return plainXml(bytes);
      } catch (error) {
        problem(`${basename(path)}: ${reason(error)}`, 'save the file as UTF-8');
        return null;
      }
    },
    locate: (location, from) => {
      const trimmed = location.trim();
      const path = catalogued(trimmed) ?? localPath(trimmed, from, read);
      if (path === null)
        problem(
          `"${trimmed}" in ${basename(from)} is not at hand`,
          'nothing is fetched: keep a copy and map it under catalog:',
        );
      return path;
    },
  };
}

function plainXml(bytes: Buffer): string {
  const text = toUtf8(bytes, null).utf8.toString('utf8');
  return withoutDoctype(text).replace(/^<\?xml[^]*?\?>/, '<?xml version="1.0" encoding="UTF-8"?>');
}

/** A location relative to the document that names it; `%20` and plain blanks both stand for a blank. */
function localPath(location: string, from: string, read: ReadFile): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) || location.startsWith('//') || location === '') return null;
  const path = resolve(dirname(from), location);
  if (!location.includes('%') || read(path)) return path;
  return resolve(dirname(from), decodePercent(location));
}

function decodePercent(location: string): string {
  try {
    return decodeURIComponent(location);
  } catch {
    return location;
  }
}

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
