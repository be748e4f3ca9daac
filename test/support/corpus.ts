import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { SchemaBundle } from '../../src/message/document.js';

const CORPORA = join(import.meta.dirname, '../../../shared/corpora');

/** The directory of a corpus beside the project; null where there is none, said in one line. */
export function corpus(name: string): string | null {
  const directory = join(CORPORA, name);
  if (existsSync(join(directory, 'index.json'))) return directory;
  console.log(`corpus ${name}: not beside this project, its suite is left out`);
  return null;
}

/** Everything that a schema file of the corpus needs, by paths inside the corpus. */
export function bundleFrom(directory: string, entry: string): SchemaBundle {
  const documents: Record<string, string> = {};
  const kind = entry.endsWith('.json') ? 'json-schema' : 'xsd';
  const add = (name: string): string => {
    if (documents[name] !== undefined) return name;
    const text = readFileSync(join(directory, name), 'utf8');
    documents[name] = text;
    if (kind === 'xsd')
      documents[name] = text.replace(REFERENCE, (_, head, location) => head + add(near(name, location)));
    return name;
  };
  add(entry);
  return { key: createHash('sha256').update(JSON.stringify(documents)).digest('hex'), kind, entry, documents };
}

const REFERENCE = /(<(?:\w+:)?(?:include|import|redefine)\b[^>]*?\bschemaLocation\s*=\s*["'])([^"']*)/g;

/** A location on the web means the copy in the same folder. */
function near(name: string, location: string): string {
  const path = /^https?:/.test(location) ? location.slice(location.lastIndexOf('/') + 1) : location;
  return normalize(join(dirname(name), path));
}
