import type CachePolicy from 'http-cache-semantics';
import { LRUCache } from 'lru-cache';

export interface CachedAnswer {
  readonly policy: CachePolicy;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ENTRY_BYTES = 2 * 1024 * 1024;
/** What an entry takes beside its bytes, about. */
const ENTRY_BYTES = 1024;
/** More than are changed while one question is under way. */
const MAX_CHANGES = 10_000;

/**
 * Answers by question, of this process, at most 64 MiB and each at most 2 MiB; those that were used least recently go
 * first. A resource is what several questions ask of: when it changes, none of their answers holds any more.
 */
export class AnswerCache {
  private readonly answers = new LRUCache<string, CachedAnswer & { readonly resource: string }>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_ENTRY_BYTES,
    sizeCalculation: ({ body, headers, resource }, key) =>
      ENTRY_BYTES + Buffer.byteLength(body) + JSON.stringify(headers).length + resource.length + key.length,
    dispose: ({ resource }, key) => this.forget(resource, key),
  });
  private readonly keys = new Map<string, Set<string>>();
  private readonly changes = new LRUCache<string, number>({ max: MAX_CHANGES });
  private moment = 0;
  private cleared = 0;

  /** Names the present for `set`. */
  now(): number {
    return this.moment;
  }

  get(key: string): CachedAnswer | undefined {
    return this.answers.get(key);
  }

  /** False where it is too big, or the resource has changed since the question was asked. */
  set(key: string, resource: string, answer: CachedAnswer, askedAt: number): boolean {
    if (Math.max(this.cleared, this.changes.get(resource) ?? 0) > askedAt) return false;
    this.answers.set(key, { ...answer, resource });
    if (!this.answers.has(key)) return false;
    const keys = this.keys.get(resource) ?? new Set();
    this.keys.set(resource, keys.add(key));
    return true;
  }

  delete(key: string): void {
    this.answers.delete(key);
  }

  /** Drops every answer of the resource, and what is asked of it at this moment. */
  change(resource: string): void {
    this.changes.set(resource, (this.moment += 1));
    for (const key of [...(this.keys.get(resource) ?? [])]) this.answers.delete(key);
  }

  /** Drops everything, and what is asked at this moment. */
  clear(): void {
    this.cleared = this.moment += 1;
    this.answers.clear();
  }

  private forget(resource: string, key: string): void {
    const keys = this.keys.get(resource);
    keys?.delete(key);
    if (keys?.size === 0) this.keys.delete(resource);
  }
}
