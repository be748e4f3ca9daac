import type { EventName } from '../trace/events.js';

/** What is counted: the first event of a message or question at the gateway, its tries, and how each delivery or question ended. */
export const COUNTED = {
  'message.accepted': 'accepted',
  'message.rejected': 'rejected',
  'delivery.retry-scheduled': 'retried',
  'delivery.delivered': 'delivered',
  'delivery.failed': 'failed',
  'delivery.expired': 'expired',
  'delivery.cancelled': 'cancelled',
  'query.asked': 'asked',
  'query.answered': 'answered',
  'query.failed': 'unanswered',
} as const satisfies Partial<Record<EventName, string>>;

export type Outcome = (typeof COUNTED)[keyof typeof COUNTED];
export const OUTCOMES = Object.values(COUNTED) as readonly Outcome[];

/** Days begin at midnight in Rome, minutes and hours as everywhere. */
export type Grain = 'minute' | 'hour' | 'day';

/** IPA codes of which the sender or the receiver must be one; null: everybody. */
export type Scope = readonly string[] | null;

/** Up to where the journal may be counted once those who write to it at this moment are done. */
export interface Horizon {
  readonly seq: number;
  /** Transactions that may still commit rows at or before it. */
  readonly writers: readonly string[];
}

/** Counts the journal and looks at the queues; one node at a time does. Throws Fault store-unavailable. */
export interface StatisticsLedger {
  horizon(): Promise<Horizon>;
  areDone(writers: readonly string[]): Promise<boolean>;
  /** Counts a part of what was not counted yet, at most to `seq`, in one transaction; true: there is more. */
  rollUp(seq: number): Promise<boolean>;
  sampleQueues(): Promise<void>;
  /** Minutes, and samples of queues, before the first moment go, and hours before the second; days stay. */
  dropBefore(minutes: Date, hours: Date): Promise<void>;
}

export type Dimension =
  'at' | 'flow' | 'sender' | 'receiver' | 'system' | 'service' | 'version' | 'outcome' | 'fault' | 'bucket';

export interface SumQuery<D extends Dimension> {
  readonly grain: Grain;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly scope: Scope;
  /** What the sums are taken for. */
  readonly by: readonly D[];
  /** Left out: every outcome. */
  readonly outcomes?: readonly Outcome[];
  /** Left out: every service. */
  readonly services?: readonly string[];
  /** Ids of known flows; left out: all. */
  readonly flows?: readonly string[];
  /** IPA code that must be the sender's or the receiver's; left out: any. */
  readonly entity?: string;
}

interface Dimensions {
  readonly at: Date;
  /** Id of a known flow. */
  readonly flow: string;
  /** IPA codes; empty where it is not known, as of a refused message. */
  readonly sender: string;
  readonly receiver: string;
  readonly system: string;
  readonly service: string;
  readonly version: number;
  readonly outcome: Outcome;
  readonly fault: string;
  readonly bucket: number;
}

export type Sum<D extends Dimension> = Pick<Dimensions, D> & { readonly count: number; readonly bytes: number };

/** Between whom something was sent or asked, and when last. */
export type KnownFlow = Pick<Dimensions, 'sender' | 'receiver' | 'system' | 'service' | 'version'> & {
  readonly id: string;
  readonly lastAt: Date;
};

/** How one agreement's deliveries stood at one system. */
export interface QueueSample {
  /** The minute. */
  readonly at: Date;
  readonly sampledAt: Date;
  readonly system: string;
  /** Id; empty: receipts. */
  readonly agreement: string;
  readonly queued: number;
  readonly delivering: number;
  readonly available: number;
  readonly retrying: number;
  readonly suspended: number;
  /** Failed or expired within 7 days. */
  readonly dead: number;
  readonly deadSince: Date | null;
  /** Acceptance of the oldest that has not ended. */
  readonly oldestAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

/** Rows of one of the systems or agreements (ids); null: every row. `only`: of these systems besides; null: of any. */
export interface QueueChoice {
  readonly of: { readonly systems: readonly string[]; readonly agreements: readonly string[] } | null;
  readonly only: readonly string[] | null;
}

export interface QueuePoint {
  /** The minute. */
  readonly at: Date;
  /** Everything that had not ended. */
  readonly depth: number;
  /** Of the oldest that waited. */
  readonly ageSeconds: number;
}

export interface CircuitView {
  readonly system: string;
  readonly until: Date;
}

/** Read side of the statistics. Throws Fault store-unavailable. */
export interface StatisticsReader {
  sums<D extends Dimension>(query: SumQuery<D>): Promise<readonly Sum<D>[]>;
  knownFlows(scope: Scope): Promise<readonly KnownFlow[]>;
  /** How the queues stood when they were last looked at; null: never, or not for `withinMs`. */
  queues(withinMs: number): Promise<{ readonly sampledAt: Date; readonly rows: readonly QueueSample[] } | null>;
  /** The first look since then. */
  queuesSince(from: Date): Promise<readonly QueueSample[]>;
  /** What of the queues is added up: every minute since. */
  queueSeries(from: Date, of: QueueChoice): Promise<readonly QueuePoint[]>;
  /** Of systems that are spared. */
  openCircuits(): Promise<readonly CircuitView[]>;
}
