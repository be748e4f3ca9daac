import type { DeliveryRef, DeliveryState } from '../../message/delivery.js';
import type { FaultCode } from '../../message/fault-catalogue.js';
import type { Subject } from '../orders.js';
import type { JobAction, Search } from './filter.js';

/** IPA codes of which the sender or the receiver must be one; null: everybody. */
export type Scope = readonly string[] | null;

/** A delivery in a list. */
export interface FoundDelivery {
  readonly deliveryId: string;
  readonly messageId: string;
  readonly sender: string;
  readonly receiver: string;
  readonly system: string;
  readonly service: string;
  readonly operation: string;
  readonly agreement: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly acceptedAt: Date;
  readonly endedAt: Date | null;
  /** Code of the last fault. */
  readonly fault: FaultCode | null;
}

/** Place of a delivery in the order of ids, which is that of acceptance. */
export type Place = Pick<DeliveryRef, 'messageId' | 'deliveryId'>;

/** What failed or expired for one cause at one system. */
export interface DeadLetters {
  readonly fault: FaultCode | null;
  readonly receiver: string;
  readonly system: string;
  readonly service: string;
  readonly count: number;
  /** Of them those that an operator has sent anew before. */
  readonly retried: number;
  readonly oldest: Date;
  readonly newest: Date;
  /** Id of the message that ended last. */
  readonly example: string;
}

/** Deliveries by what they have in common. Throws Fault store-unavailable. */
export interface DeliverySearch {
  /** Newest first, `before` exclusive. A receipt is found by its own id only, here and everywhere else. */
  list(
    search: Search,
    scope: Scope,
    page: { readonly limit: number; readonly before?: Place },
  ): Promise<readonly FoundDelivery[]>;
  /** How many in each state; stops counting at `bound`. */
  count(search: Search, scope: Scope, bound: number): Promise<Partial<Record<DeliveryState, number>>>;
  /** Groups, the biggest first, of the `bound` that ended last; `counted` is how many those were. */
  deadLetters(
    search: Search,
    scope: Scope,
    bound: number,
  ): Promise<{ readonly groups: readonly DeadLetters[]; readonly counted: number }>;
}

/** COLLECTING: its items are being written. PROPOSED: another operator has to approve it. In both nothing is done yet. */
export type JobState = 'COLLECTING' | 'PROPOSED' | 'RUNNING' | 'PAUSED' | 'DONE' | 'CANCELLED' | 'REJECTED';

/** Who did what to a job. */
export interface JobAct {
  readonly act: 'created' | 'approved' | 'rejected' | 'expired' | 'paused' | 'resumed' | 'cancelled' | 'rate';
  /** Id of the operator; `gateway`. */
  readonly by: string;
  readonly reason: string | null;
  /** Items a second from then on, of `created` and `rate`. */
  readonly rate?: number;
}

export interface NewJob {
  readonly id: string;
  readonly action: JobAction;
  readonly filter: Search;
  readonly reason: string;
  /** Id of the operator who ordered it. */
  readonly operator: string;
  readonly scope: Scope;
  /** Items a second. */
  readonly rate: number;
  /** True where what was delivered is sent too. */
  readonly again: boolean;
  /** System to which everything is sent; null: the one that each was for. */
  readonly system: string | null;
}

export interface Job extends NewJob {
  readonly state: JobState;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly history: readonly (JobAct & { readonly at: string })[];
}

export type ItemResult = 'done' | 'skipped' | 'failed';

/** What became of an item. */
export interface ItemOutcome {
  /** From 1. */
  readonly n: number;
  readonly result: ItemResult;
  /** State in which its turn found it; null: it was gone, or was not looked at. */
  readonly found: DeliveryState | null;
  readonly fault: FaultCode | null;
}

/** An item in a list. */
export interface JobItem extends Place {
  readonly n: number;
  /** When the job was made. */
  readonly seen: DeliveryState;
  readonly result: ItemResult | null;
  readonly found: DeliveryState | null;
  readonly fault: FaultCode | null;
  readonly at: Date | null;
  /** Today; null: it is no longer stored. */
  readonly state: DeliveryState | null;
  readonly receiver: string | null;
}

/** An item whose turn it is. */
export interface DueItem {
  readonly n: number;
  readonly seen: { readonly state: DeliveryState; readonly epoch: number };
  /** As it is; null: it is no longer stored. */
  readonly subject: Subject | null;
}

/** A change of a job by an operator; null: no such job in the scope, or not in one of the states. */
export interface JobTurn {
  readonly from: readonly JobState[];
  readonly to?: JobState;
  readonly act: JobAct;
  /** Only where another operator has ordered it, no longer ago than this. */
  readonly byAnotherWithinMs?: number;
}

/** Jobs as operators handle them. A job is in a scope where all participants of its own scope are. Throws Fault store-unavailable. */
export interface JobLedger {
  /** A job without items, COLLECTING. */
  open(job: NewJob): Promise<void>;
  /** Adds up to `limit` deliveries behind `after` in the order of their ids; `first` is the number of the first. */
  collect(
    job: Pick<NewJob, 'id' | 'filter' | 'scope'>,
    from: { readonly after: Place | null; readonly first: number; readonly limit: number },
  ): Promise<{ readonly count: number; readonly delivered: number; readonly last: Place | null }>;
  /** COLLECTING -> the state, or DONE where it has no items; null: it is not there any more. */
  begin(id: string, to: 'RUNNING' | 'PROPOSED'): Promise<Job | null>;
  /** Takes a COLLECTING job away, with its items. */
  discard(id: string): Promise<void>;
  find(id: string, scope: Scope): Promise<Job | null>;
  /** Newest first; `before` is the id of the last one seen. */
  list(scope: Scope, page: { readonly limit: number; readonly before?: string }): Promise<readonly Job[]>;
  items(
    id: string,
    page: { readonly limit: number; readonly after: number; readonly result?: ItemResult },
  ): Promise<readonly JobItem[]>;
  turn(id: string, scope: Scope, turn: JobTurn): Promise<Job | null>;
}

/** Jobs as the node that runs them sees them. Throws Fault store-unavailable. */
export interface JobQueue {
  /** RUNNING, the oldest first. */
  running(limit: number): Promise<readonly Job[]>;
  /** Items without a result, in order. */
  next(id: string, limit: number): Promise<readonly DueItem[]>;
  /** Those of the deliveries of which the journal says that this job has changed them. */
  changedBy(id: string, places: readonly Place[]): Promise<ReadonlySet<string>>;
  /** Writes results where there is none yet, counts them, and ends the job with its last item. */
  record(id: string, outcomes: readonly ItemOutcome[]): Promise<void>;
  /** COLLECTING for longer than this: who collected is dead. -> CANCELLED */
  abandon(olderThanMs: number): Promise<void>;
  /** PROPOSED for longer than this -> CANCELLED */
  expire(olderThanMs: number): Promise<void>;
}
