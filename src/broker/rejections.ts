import { LRUCache } from 'lru-cache';
import { Fault, type FaultDetail } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';

/** Rejections of one item after which it is poison. */
export const MAX_REJECTIONS = 20;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/** The gateway is in trouble, not the item: an hour without the ledger must not make poison of what waits. */
const OUTAGES: readonly FaultCode[] = ['store-unavailable', 'overloaded', 'stopping'];

/** Milliseconds before the n-th offer anew (n from 1): doubling, capped, with half of it random. */
export function backOff(n: number, random: () => number = Math.random): number {
  const full = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (n - 1));
  return full / 2 + (full / 2) * random();
}

/** Remembers how often this process's handler has rejected each item. */
export class Rejections {
  private readonly counts = new LRUCache<string, { tries: number; blamed: number }>({ max: 10_000 });

  /** Milliseconds to hold the item, or null where it is poison. */
  note(key: string, error: unknown): number | null {
    const { tries, blamed } = this.counts.get(key) ?? { tries: 0, blamed: 0 };
    const outage = error instanceof Fault && OUTAGES.includes(error.code);
    const next = { tries: tries + 1, blamed: blamed + (outage ? 0 : 1) };
    if (next.blamed > MAX_REJECTIONS) return null;
    this.counts.set(key, next);
    return backOff(next.tries);
  }

  forget(key: string): void {
    this.counts.delete(key);
  }
}

/** Waits, or returns at once when the signal fires. */
export function hold(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}

/** RabbitMQ is away, slow or full: the caller's ledger keeps the work. */
export function brokerUnavailable(detail: string, cause?: unknown): Fault {
  const info: FaultDetail = { detail, retryAfterSeconds: 2, cause };
  return new Fault('overloaded', info);
}
