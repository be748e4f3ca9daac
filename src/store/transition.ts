import { newId } from '../new-id.js';
import type { Settlement } from '../delivery/ports.js';
import type { DeliveryState } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { EventName, JournalDetail } from '../trace/events.js';
import { DayStatement } from './day-statement.js';
import type { JournalJson, LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { plainJson } from './plain-json.js';
import { dayOf } from './partitions.js';
import type { Sql } from './sql.js';
import { change, settle } from './transition-sql.js';

/** One wanted change of one delivery: a compare-and-set on what is given of state, epoch and lease. */
export interface Transition {
  readonly id: string;
  readonly messageId: string;
  readonly epoch: number | null;
  readonly lease: string | null;
  readonly from: readonly DeliveryState[];
  readonly to: DeliveryState;
  /** Added to the epoch. */
  readonly step: 0 | 1;
  /** Added to the attempts. */
  readonly tried: -1 | 0 | 1;
  readonly owner: string | null;
  /** From now; null = no lease. */
  readonly leaseMs: number | null;
  /** Null: the owner of the lease. */
  readonly by: string | null;
  readonly event: EventName;
  readonly settlement: Settlement | null;
  /** An operator's: why, as part of which job, to which other system, and until when it may take at least. */
  readonly order?: {
    readonly reason: string;
    readonly job?: string;
    readonly system?: string;
    readonly expiresAt?: Date;
  };
}

/** What the row was when the statement held it; `moved` is false where the comparison failed. */
export interface TransitionOutcome {
  readonly was: DeliveryState;
  readonly leaseOwner: string | null;
  readonly moved: boolean;
  readonly epoch: number;
  readonly attempts: number;
  readonly tries: number;
  readonly expired: boolean;
}

const EVENT_OF: Readonly<Record<Settlement['state'], EventName>> = {
  AVAILABLE: 'delivery.available',
  WAITING_RETRY: 'delivery.retry-scheduled',
  SUSPENDED: 'delivery.suspended',
  DELIVERED: 'delivery.delivered',
  FAILED: 'delivery.failed',
  EXPIRED: 'delivery.expired',
  CANCELLED: 'delivery.cancelled',
};

const RECEIPT_EVENT_OF: Partial<Record<DeliveryState, EventName>> = {
  DELIVERED: 'receipt.delivered',
  FAILED: 'receipt.failed',
  EXPIRED: 'receipt.failed',
  CANCELLED: 'receipt.failed',
};

/** A settlement as a change; what is fenced by epoch or lease is for the caller to add. */
export function settling(
  target: Pick<Transition, 'id' | 'messageId' | 'from'> & Partial<Transition>,
  settlement: Settlement,
): Transition {
  // Being held back is no try (blueprint §4), unless the receiver was called.
  const burnsNothing = settlement.state === 'SUSPENDED' && settlement.attempt === undefined;
  return {
    epoch: null,
    lease: null,
    to: settlement.state,
    step: 0,
    tried: burnsNothing ? -1 : 0,
    owner: null,
    leaseMs: null,
    by: null,
    event: EVENT_OF[settlement.state],
    settlement,
    ...target,
  };
}

/** Runs changes in groups: those that may end a delivery apart from those that cannot, which need less work. */
export class Transitions {
  private readonly plain: GroupCommit<Transition, TransitionOutcome | null>;
  private readonly settlements: GroupCommit<Transition, TransitionOutcome | null>;

  constructor(
    sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    const limits = {
      maxItems: 100,
      maxBytes: 4 * 1024 * 1024,
      paceMs: 5,
      concurrency: 2,
      maxQueued: 10_000,
      maxQueuedBytes: Infinity,
      bytesOf: sizeOf,
      apart: dayOfChange,
      sameAs: ({ id }: Transition) => id.toLowerCase(),
    };
    const [changing, settling] = [new DayStatement(sql, change), new DayStatement(sql, settle)];
    this.plain = new GroupCommit((batch) => this.write(changing, batch), limits);
    this.settlements = new GroupCommit((batch) => this.write(settling, batch), limits);
  }

  /** Null where there is no such delivery. Throws Fault store-unavailable. */
  change(transition: Transition): Promise<TransitionOutcome | null> {
    const isPlain = transition.settlement === null && transition.order === undefined;
    return (isPlain ? this.plain : this.settlements).submit(transition);
  }

  async drain(): Promise<void> {
    await Promise.all([this.plain.drain(), this.settlements.drain()]);
  }

  /** Of one day, all of them. */
  private async write(statement: DayStatement, batch: readonly Transition[]): Promise<(TransitionOutcome | null)[]> {
    const values = [plainJson(batch.map(transitionJson))];
    const [result] = await statement.run<{
      outcomes: (TransitionOutcome & { n: number })[] | null;
      events: JournalJson[] | null;
    }>(dayOfChange(batch[0]!), values);
    const outcomes = new Map((result?.outcomes ?? []).map((outcome) => [outcome.n, outcome]));
    this.feed.emit(result?.events ?? null);
    return batch.map((_, n) => outcomes.get(n) ?? null);
  }
}

const dayOfChange = ({ messageId }: Transition) => dayOf(messageId);

function sizeOf({ settlement }: Transition): number {
  return 512 + (settlement?.attempt?.response?.length ?? 0) + faultSize(settlement?.fault);
}

/** About how many bytes a fault takes in memory. */
export function faultSize(fault: FaultRecord | undefined): number {
  return fault === undefined ? 0 : 256 * (1 + fault.violations.length);
}

function transitionJson(transition: Transition, n: number): object {
  const { id, messageId, epoch, lease, from, to, step, tried, owner, leaseMs, by, event, settlement, order } =
    transition;
  return {
    n,
    id,
    message_id: messageId,
    epoch,
    lease,
    from,
    to,
    step,
    tried,
    owner,
    lease_ms: leaseMs,
    by,
    event,
    receipt_event: RECEIPT_EVENT_OF[to],
    next_ms: msUntil(settlement?.nextAttemptAt),
    fault: settlement?.fault,
    attempt: settlement?.attempt,
    ...orderJson(order),
    detail: { ...detailOf(settlement), ...orderDetail(order) },
    ...receiptJson(settlement?.receipt),
  };
}

/** This process's clock may be another one than the ledger's: what counts is the time from now. */
const msUntil = (time: Date | undefined) => time && time.getTime() - Date.now();

function receiptJson(order: Settlement['receipt']): object {
  if (order === undefined) return {};
  return {
    receipt_id: newId(),
    receipt: order.receipt,
    receipt_participant: order.to.participant,
    receipt_system: order.to.system,
    receipt_expires_at: order.expiresAt,
  };
}

const orderJson = (order: Transition['order']) => ({
  expires_at: order?.expiresAt,
  system: order?.system,
});

function orderDetail(order: Transition['order']): JournalDetail {
  if (order === undefined) return {};
  const { expiresAt: _expiresAt, ...told } = order;
  return told;
}

/** The journal shows the try without what the receiver answered: that stays with the attempt. */
function detailOf(settlement: Settlement | null): JournalDetail {
  if (settlement === null) return {};
  const { attempt, fault, service } = settlement;
  return {
    ...(service !== undefined && { service }),
    ...(attempt === undefined ? {} : { attempt: { ...attempt, response: null } }),
    ...(fault === undefined ? {} : { fault }),
  };
}
