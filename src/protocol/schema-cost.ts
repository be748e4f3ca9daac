import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../message/document.js';

/** Milliseconds for which a schema may hold up the thread that serves everybody. */
const CHEAP_MS = 500;
const KNOWN_SCHEMAS = 10_000;

/**
 * Which schemas are used in the calling thread: those that took little when they were compiled and used for the first time,
 * in a worker, and ever since. A published schema may take seconds to compile, and its patterns seconds for a short text.
 */
export class SchemaCost {
  private readonly cheap = new LRUCache<string, boolean>({ max: KNOWN_SCHEMAS });

  isCheap({ key }: SchemaBundle): boolean {
    return this.cheap.get(key) === true;
  }

  /** Notes what the first use took; a later one counts only where it took long. */
  async measure<T>(schema: SchemaBundle, use: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    let isCheap = false;
    try {
      const result = await use();
      isCheap = performance.now() - started < CHEAP_MS && !repeatsGroups(schema);
      return result;
    } finally {
      if (!isCheap || !this.cheap.has(schema.key)) this.cheap.set(schema.key, isCheap);
    }
  }
}

/** `(a*)*` in a pattern of an XSD: libxml2 goes back over a text as often as its parts can be shared out. */
const repeatsGroups = ({ kind, documents }: SchemaBundle): boolean =>
  kind === 'xsd' && Object.values(documents).some((text) => /\)[*+{&]|&#/.test(text));
