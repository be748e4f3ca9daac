import type { Agreement } from '../registry/model.js';
import type { KeepRule, KeptDay, RetentionStore } from './ports.js';

const DAY_MS = 86_400_000;
const LIMIT = 2_000;

export interface RetentionParts {
  readonly store: RetentionStore;
  readonly agreements: () => readonly Agreement[];
  /** Where an agreement says nothing, days after acceptance. */
  readonly contentDays: number;
  readonly recordDays: number;
  /** Told what was done, where anything was. */
  readonly tell: (done: Tidied) => void;
}

export interface Tidied {
  /** Messages that lost their contents. */
  readonly purged: number;
  /** Days that were dropped. */
  readonly dropped: readonly string[];
  readonly kept: readonly KeptDay[];
  /** Jobs and conversations that were taken. */
  readonly jobs: number;
  readonly conversations: number;
}

/** One round: contents first, then the days that are over for every agreement. Throws Fault store-unavailable. */
export type Tidy = (signal: AbortSignal) => Promise<TidyCounts>;

/** How much a round has done: the days in it are counted. */
export type TidyCounts = Readonly<Record<'purged' | 'dropped' | 'kept' | 'jobs' | 'conversations', number>>;

export function createTidy({ store, agreements, contentDays, recordDays, tell }: RetentionParts): Tidy {
  return async (signal) => {
    const all = agreements();
    const rules = all.flatMap(ruleOf);
    let purged = 0;
    for (let after: string | null = null; !signal.aborted;) {
      const done = await store.purgeContents({ days: contentDays, rules, after, limit: LIMIT });
      purged += done.purged;
      after = done.last;
      if (after === null) break;
    }
    const longest = Math.max(recordDays, ...all.map((agreement) => agreement.recordDays ?? 0));
    const before = new Date(Date.now() - longest * DAY_MS);
    const days = await store.dropDays(before);
    const { jobs, conversations } = await store.dropEnded(before);
    if (purged + days.dropped.length + days.kept.length + jobs + conversations > 0)
      tell({ purged, ...days, jobs, conversations });
    return { purged, dropped: days.dropped.length, kept: days.kept.length, jobs, conversations };
  };
}

function ruleOf({ consumer, provider, service, version, contentDays }: Agreement): KeepRule[] {
  return contentDays === null ? [] : [{ consumer, provider, service, version, days: contentDays }];
}
