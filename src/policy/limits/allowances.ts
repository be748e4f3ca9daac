import type { Limit } from './limit.js';

/** What a node asks of one counter. */
export interface Want {
  readonly key: string;
  /** The most that all nodes may have of its window together. */
  readonly most: number;
  readonly window: Limit['window'];
  /** How much is asked for; what is left is given where that is less. */
  readonly count: number;
  /** Used without having been asked for, counted whatever is left; negative: given back, of the window that runs. */
  readonly debt: number;
}

export interface Lease {
  readonly key: string;
  /** At most the count. Good until the window ends. */
  readonly granted: number;
  /** Of the window, by all nodes, this lease included. */
  readonly used: number;
  /** Milliseconds until the window ends, when the ledger was asked. */
  readonly resetMs: number;
}

/**
 * Counters of limits that all nodes share. Together they never grant more of a window than `most`, whoever asks at the same
 * time. A window of seconds begins with its first use. They survive a restart. Each key at most once in a call; one statement
 * for all of them. Throws Fault store-unavailable.
 */
export interface Allowances {
  lease(wants: readonly Want[]): Promise<readonly Lease[]>;
}
