import { JSONPathEnvironment, JSONPathError, type JSONPathQuery } from 'json-p3';
import { LRUCache } from 'lru-cache';
import { keysOf, MOST_OF_PATH, type BusinessKey, type KeyPath } from '../../message/business-key.js';

/** A document is bounded by itself. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 1_000_000 });

const compiled = new LRUCache<string, JSONPathQuery>({ max: 1_000 });

function compiledOf(path: string): JSONPathQuery {
  const known = compiled.get(path);
  if (known) return known;
  const made = environment.compile(path);
  compiled.set(path, made);
  return made;
}

/** Business keys of a payload. */
export function jsonKeys(payload: unknown, paths: readonly KeyPath[]): readonly BusinessKey[] {
  return keysOf(paths.flatMap((path) => foundAt(payload, path)));
}

function foundAt(payload: unknown, { name, jsonPath }: KeyPath): readonly BusinessKey[] {
  if (jsonPath === null || typeof payload !== 'object' || payload === null) return [];
  const found: BusinessKey[] = [];
  for (const { value } of compiledOf(jsonPath).lazyQuery(payload as never)) {
    if (typeof value === 'string' || typeof value === 'number') found.push({ name, value: String(value) });
    if (found.length === MOST_OF_PATH) break;
  }
  return found;
}

const DESCENTS = /\.\.[^]*\.\./;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
/** RFC 9535 §2.3.5: asked for each value it may ask for all values again, or hold a pattern that runs for ever. */
const hasFilter = (path: string) => path.replaceAll(QUOTED, '').includes('?');

/** What is wrong with a JSONPath for keys; null: nothing. */
export function jsonPathProblem(path: string): string | null {
  if (DESCENTS.test(path)) return 'the JSONPath visits too much: at most one ..';
  if (hasFilter(path)) return 'the JSONPath visits too much: names, numbers and * only, no filter';
  try {
    compiledOf(path);
    return null;
  } catch (error) {
    if (error instanceof JSONPathError) return `it is no JSONPath: ${error.message}`;
    throw error;
  }
}
