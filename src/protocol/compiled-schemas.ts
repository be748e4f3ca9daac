import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../message/document.js';

/** Bytes of schema documents whose compiled forms a thread keeps, of XSD and of JSON Schema each. */
const BUDGET = 64 * 1024 * 1024;

/** The compiled schemas of one thread by the bundle's key; what was used longest ago goes when the budget is spent. */
export class CompiledSchemas<C extends object> {
  private readonly compiled: LRUCache<string, C>;

  /** What `compile` throws is thrown by `of`; `dispose` is told of each that goes. */
  constructor(
    private readonly compile: (bundle: SchemaBundle) => C,
    dispose: (compiled: C) => void = () => undefined,
    private readonly budget = BUDGET,
  ) {
    this.compiled = new LRUCache({ maxSize: budget, dispose: (one) => dispose(one) });
  }

  of(bundle: SchemaBundle): C {
    const known = this.compiled.get(bundle.key);
    if (known) return known;
    const made = this.compile(bundle);
    // One that is bigger than the whole budget is kept alone.
    this.compiled.set(bundle.key, made, { size: Math.min(bytesOf(bundle), this.budget) });
    return made;
  }

  has(key: string): boolean {
    return this.compiled.has(key);
  }
}

const bytesOf = ({ documents }: SchemaBundle): number =>
  Object.values(documents).reduce((sum, text) => sum + Buffer.byteLength(text), 1);
