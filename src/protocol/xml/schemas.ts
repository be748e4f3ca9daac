import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../../message/document.js';
import type { SchemaPointer } from './libxml.js';
import { compileXsd, type CompiledXsd } from './xsd.js';

const MAX_SCHEMAS = 100;

const compiled = new LRUCache<string, CompiledXsd>({ max: MAX_SCHEMAS, dispose: (schema) => schema.dispose() });

/** The compiled schema of this thread, by the bundle's key. Throws what `compileXsd` throws. */
export function xsdOf(bundle: SchemaBundle): SchemaPointer {
  let found = compiled.get(bundle.key);
  if (!found) compiled.set(bundle.key, (found = compileXsd(bundle)));
  return found.schema;
}

export const hasXsd = (key: string): boolean => compiled.has(key);
