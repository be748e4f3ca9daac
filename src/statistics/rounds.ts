import { setTimeout as pause } from 'node:timers/promises';
import type { RoundBook } from '../trace/rounds.js';
import type { Horizon, StatisticsLedger } from './ports.js';

interface RoundParts {
  readonly ledger: StatisticsLedger;
  readonly leases: {
    /** True where this owner has the lease, for `ms` from now. */
    holdLease(name: string, owner: string, ms: number): Promise<boolean>;
  };
  readonly owner: string;
  readonly book: Pick<RoundBook, 'note'>;
  readonly problem: (error: unknown) => void;
}

const EVERY_MS = 1_000;
const LEASE_MS = 15_000;
const SAMPLE_MS = 5_000;
/** A look at long queues takes at most this part of the time. */
const SAMPLE_SHARE = 20;
const DROP_EVERY_MS = 600_000;
const HOUR_MS = 3_600_000;
/** How long minutes and hours are kept; days are kept for good. */
export const KEPT = { minutesMs: 49 * HOUR_MS, hoursMs: 93 * 24 * HOUR_MS };

/** Counts what has happened and looks at the queues. One node of a cluster does, held by a lease row. */
export interface StatisticsRounds {
  start(): void;
  stop(): Promise<void>;
}

export function createStatisticsRounds({ ledger, leases, owner, book, problem }: RoundParts): StatisticsRounds {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let horizon: Horizon | null = null;
  let [sampleDue, dropDue] = [0, 0];
  const holds = () => leases.holdLease('statistics', owner, LEASE_MS);
  const count = async () => {
    horizon ??= await ledger.horizon();
    if (!(await ledger.areDone(horizon.writers))) return;
    while (await ledger.rollUp(horizon.seq)) if (stopping.signal.aborted || !(await holds())) return;
    horizon = null;
  };
  const sample = async () => {
    const began = performance.now();
    if (began < sampleDue) return;
    await ledger.sampleQueues();
    sampleDue = began + Math.max(SAMPLE_MS, (performance.now() - began) * SAMPLE_SHARE);
  };
  const drop = async () => {
    if (performance.now() < dropDue) return;
    dropDue = performance.now() + DROP_EVERY_MS;
    await ledger.dropBefore(new Date(Date.now() - KEPT.minutesMs), new Date(Date.now() - KEPT.hoursMs));
  };
  const once = async () => {
    if (!(await holds())) return;
    const counted = () => book.note('statistics', count);
    for (const part of [counted, sample, drop]) await part().catch(problem);
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      await once().catch(problem);
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start: () => void (loop = run()),
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
