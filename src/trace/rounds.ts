import { faultFrom } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';

/** What goes round by itself; each on one node of a cluster at a time. */
export const ROUNDS = [
  'sweep',
  'uploads',
  'partitions',
  'retention',
  'jobs',
  'statistics',
  'alerts',
  'reports',
] as const;
export type RoundName = (typeof ROUNDS)[number];

/** The last time that this node has done a round. */
export interface Round {
  readonly name: RoundName;
  readonly startedAt: Date;
  readonly ms: number;
  /** How much was done, by kind; empty where nothing is counted. */
  readonly done: Readonly<Record<string, number>>;
  /** Null: it has ended well. The log has the words. */
  readonly fault: FaultCode | null;
}

type Counts = Readonly<Record<string, number>>;

/** The last result of each round of this node since its start, in memory. */
export interface RoundBook {
  /** Does it and remembers how it ended; throws what it throws. */
  note(name: RoundName, work: () => Promise<Counts | void>): Promise<void>;
  /** Those that this node has done, in the order of {@link ROUNDS}. */
  last(): readonly Round[];
}

export function createRoundBook(): RoundBook {
  const seen = new Map<RoundName, Round>();
  return {
    note: async (name, work) => {
      const startedAt = new Date();
      const began = performance.now();
      const write = (done: Counts, fault: FaultCode | null) =>
        void seen.set(name, { name, startedAt, ms: Math.round(performance.now() - began), done, fault });
      try {
        write((await work()) ?? {}, null);
      } catch (error) {
        write({}, faultFrom(error).code);
        throw error;
      }
    },
    last: () => ROUNDS.flatMap((name) => seen.get(name) ?? []),
  };
}
