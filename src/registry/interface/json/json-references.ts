import { basename } from 'node:path';
import type { InterfaceFiles } from '../interface-files.js';
import type { InterfacePlace } from '../interface-problem.js';
import { isObject, readJsonDocument, type JsonObject } from './json-documents.js';
import { sourcesOf } from './json-source.js';

/** A value with the file that it stands in: what its references are relative to. */
export interface Located {
  readonly value: unknown;
  readonly file: string;
  /** JSON Pointer from the file's root. */
  readonly pointer: string;
}

/** Follows `$ref` through the files of an interface; each file is read once. */
export class JsonReferences {
  private readonly documents = new Map<string, JsonObject | null>();

  private readonly sources: ReturnType<typeof sourcesOf>;

  constructor(private readonly files: InterfaceFiles) {
    this.sources = sourcesOf(files);
  }

  document(file: string): JsonObject | null {
    const known = this.documents.get(file);
    if (known !== undefined) return known;
    const document = readJsonDocument(file, this.files);
    this.documents.set(file, document);
    return document;
  }

  /** What a reference in `from` points at; null (and a problem) where that is not there. */
  target(reference: string, from: string): Located | null {
    const [location = '', fragment = ''] = reference.trim().split('#', 2);
    const file = this.fileOf(reference, location, from);
    const document = file === null ? null : this.document(file);
    if (file === null || document === null) return null;
    const pointer = fragment === '' || fragment.startsWith('/') ? decoded(fragment) : anchorIn(document, fragment);
    const value = pointer === null ? undefined : valueAt(document, pointer);
    if (pointer !== null && value !== undefined) return { value, file, pointer };
    this.wrong(reference, from, 'nothing');
    return null;
  }

  /** Where a value begins, for what is wrong in it. */
  placeOf({ file, pointer }: Located): InterfacePlace {
    return { file, line: this.sources(file).lineOf(pointer) };
  }

  private wrong(reference: string, file: string, target: string): void {
    const at = { file, line: this.sources(file).lineOfReference(reference) };
    this.files.problem(`"${reference}" in ${basename(file)} points at ${target}`, 'correct the $ref', at);
  }

  private fileOf(reference: string, location: string, from: string): string | null {
    if (location === '' || location === this.documents.get(from)?.['$id']) return from;
    const path = this.files.find(location, from);
    if (path === null) this.files.missing(location, from, this.sources(from).lineOfReference(reference));
    return path;
  }

  /** The value that stands in the end of a chain of references; null (and a problem) where the chain breaks. */
  resolved(located: Located): Located | null {
    const seen = new Set<unknown>();
    for (let at: Located | null = located; at !== null;) {
      const reference: unknown = isObject(at.value) ? at.value['$ref'] : undefined;
      if (typeof reference !== 'string') return at;
      if (seen.has(at.value)) {
        this.wrong(reference, at.file, 'itself');
        return null;
      }
      seen.add(at.value);
      at = this.target(reference, at.file);
    }
    return null;
  }
}

/** A fragment is percent-encoded (RFC 6901 §6). */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

const step = (name: string) => name.replaceAll('~1', '/').replaceAll('~0', '~');
export const pointerTo = (pointer: string, ...names: readonly string[]) =>
  [pointer, ...names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

function valueAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => {
      const own = value !== null && typeof value === 'object' && Object.hasOwn(value, step(name));
      return own ? (value as Record<string, unknown>)[step(name)] : undefined;
    }, document);
}

/** `$anchor: name` of 2020-12, `$id: "#name"` of draft-07. */
function anchorIn(value: unknown, name: string, pointer = ''): string | null {
  if (value === null || typeof value !== 'object') return null;
  const node = value as Record<string, unknown>;
  if (node['$anchor'] === name || node['$id'] === `#${name}`) return pointer;
  for (const [key, inner] of Object.entries(node)) {
    const found = anchorIn(inner, name, pointerTo(pointer, key));
    if (found !== null) return found;
  }
  return null;
}
