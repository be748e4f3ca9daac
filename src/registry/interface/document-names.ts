import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { SchemaBundle } from '../../message/document.js';

/** Gives each file of an interface one flat name that is safe in an address; equal base names are numbered. */
export interface DocumentNames {
  /** The name given to the path before; undefined where the path is new. */
  known(path: string): string | undefined;
  give(path: string): string;
}

export function documentNames(): DocumentNames {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return {
    known: (path) => names.get(path),
    give: (path) => {
      const name = free(safeName(basename(path)), taken);
      names.set(path, name);
      taken.add(name.toLowerCase());
      return name;
    },
  };
}

const safeName = (name: string) => name.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^\.+/, '_');

function free(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name.toLowerCase())) return name;
  const [, stem = name, extension = ''] = /^(.+?)((?:\.schema)?\.[^.]+)$/.exec(name) ?? [];
  for (let number = 2; ; number++) {
    const candidate = `${stem}-${number}${extension}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}

/** A bundle with its key: the sha256 over kind, entry and documents. */
export function schemaBundle(
  kind: SchemaBundle['kind'],
  entry: string,
  documents: Readonly<Record<string, string>>,
): SchemaBundle {
  const key = createHash('sha256').update(JSON.stringify([kind, entry, Object.entries(documents).sort()]));
  return { key: key.digest('hex'), kind, entry, documents };
}
