import type { Content } from '../message/content.js';
import type { Attempt, Delivery, DeliveryRef, DeliveryState } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message } from '../message/message.js';
import type { Receipt } from '../message/receipt.js';
import type { QueueItem } from '../acceptance/ports.js';

/** How one turn of a delivery ended. `by` in the history is the dispatcher's owner name, the system or an operator. */
export interface Settlement {
  readonly state: Exclude<DeliveryState, 'DELIVERING' | 'QUEUED'>;
  /** WAITING_RETRY and SUSPENDED: when to look again. */
  readonly nextAttemptAt?: Date;
  readonly attempt?: Attempt;
  readonly fault?: FaultRecord;
  /** Told with the event. */
  readonly service?: string;
  /** Written in the same transaction as a delivery of kind `receipt` to the sender's system. */
  readonly receipt?: { readonly receipt: Receipt; readonly to: Delivery['receiver']; readonly expiresAt: Date };
}

/** A delivery that the caller alone may settle until the lease ends. */
export interface Claim extends DeliveryRef {
  /** Epoch after the claim; settling needs it. */
  readonly epoch: number;
  readonly attempts: number;
  /** Of them those since an operator has sent it anew; the rule of retries counts these. */
  readonly tries: number;
  /** By the ledger's clock: this process's may be another one. */
  readonly isExpired: boolean;
}

/**
 * The ledger as the dispatcher sees it. Every call is a compare-and-set with a history row; calls made at the same
 * time share one commit. Throws Fault store-unavailable.
 */
export interface DeliveryLedger {
  /** QUEUED -> DELIVERING, attempts + 1; null where the delivery has moved on (a stale copy: drop it). */
  claim(ref: DeliveryRef, lease: { readonly owner: string; readonly ms: number }): Promise<Claim | null>;
  /** DELIVERING -> settlement.state; false where the lease was lost. Rolls the message's own state up. */
  settle(claim: DeliveryRef, settlement: Settlement): Promise<boolean>;
  /** QUEUED -> SUSPENDED without a claim: burns no attempt. */
  suspend(ref: DeliveryRef, reason: FaultRecord, until: Date): Promise<boolean>;
  /** Original bytes of a message (claim check), or where they lie; null where purged. */
  content(messageId: string): Promise<Content | null>;
  /** AVAILABLE (or an end state: late) -> DELIVERED or FAILED by word of the receiving system itself. */
  acknowledge(system: string, deliveryId: string, settlement: Settlement): Promise<'done' | 'repeated' | 'unknown'>;
}

/** Receiving systems that failed too often, as all nodes see them. Throws Fault store-unavailable. */
export interface CircuitStore {
  /** Spares the system, for longer where it has failed when it was tried again (`isProbe`); until when. */
  open(system: string, isProbe: boolean): Promise<Date>;
  close(system: string): Promise<void>;
  /** Until when it is spared; null: it is not. */
  until(system: string): Promise<Date | null>;
}

/** What an operator orders of one delivery. */
export interface Order {
  /** Id of the operator. */
  readonly operator: string;
  readonly reason: string;
  /** The job of which it is a part. */
  readonly job?: string;
}

/** To send one delivery anew. */
export interface Resend extends Order {
  /** What was delivered too. */
  readonly again: boolean;
  /** It does not expire before. */
  readonly expiresAt: Date;
  /** Only while it still is as it was seen: nobody has touched it since. */
  readonly seen?: { readonly state: DeliveryState; readonly epoch: number };
  /** Another system of the same receiver, from now on; left out: the one that it was for. */
  readonly system?: string;
}

/** What became of an order: `moved`, or the state in which it could not be carried out; null: no such delivery. */
export type Obeyed = { readonly moved: boolean; readonly was: DeliveryState } | null;

/** What operators do to deliveries: a compare-and-set each, with who and why in its history row. */
export interface DeliveryControl {
  /** Those of one message, receipts about it too. */
  deliveries(messageId: string): Promise<readonly (Delivery & { readonly message: Message })[]>;
  /**
   * FAILED, EXPIRED, CANCELLED (DELIVERED too where `again`) -> QUEUED with all its tries before it, not to expire before `expiresAt`.
   */
  retry(ref: Omit<DeliveryRef, 'epoch'>, order: Resend): Promise<Obeyed>;
  /** Whatever waits -> CANCELLED; the sender's receipt is in the settlement. */
  cancel(ref: Omit<DeliveryRef, 'epoch'>, order: Order, settlement: Settlement): Promise<Obeyed>;
  /** FAILED, EXPIRED -> CANCELLED: seen to, with the fault that it had; only as it was seen. */
  discard(ref: Omit<DeliveryRef, 'epoch'>, order: Order & Pick<Resend, 'seen'>): Promise<Obeyed>;
}

/** A part of an order for all that waits for one system. */
export interface QueueOrder extends Order {
  readonly system: string;
  /** Deliveries. */
  readonly limit: number;
}

/** What operators do to queues, `limit` deliveries at a time; each returns how many. Throws Fault store-unavailable. */
export interface QueueControl {
  /** WAITING_RETRY -> QUEUED under a new epoch, unpublished. */
  release(order: QueueOrder): Promise<number>;
  /** Of what waits and is not published: `priority` 0 to 9; `sender` a body or a system. */
  prioritise(order: QueueOrder & { readonly priority: number; readonly sender?: string }): Promise<number>;
}

/** What time does to deliveries; run by one sweeper at a time (lease row). */
export interface Sweeper {
  /** WAITING_RETRY / SUSPENDED that are due -> QUEUED under a new epoch, unpublished. Returns how many. */
  requeueDue(limit: number): Promise<number>;
  /** SUSPENDED deliveries are due at once, but for these systems: the registry has changed, so what held them may be gone. */
  lookAgain(except: readonly string[]): Promise<void>;
  /** DELIVERING whose lease is over -> QUEUED under a new epoch. Returns how many. */
  recoverLeases(limit: number): Promise<number>;
  /** Not ended and past expiresAt: listed for the caller to settle through `expire`. */
  expired(limit: number): Promise<readonly (Delivery & { readonly message: Message })[]>;
  /** Any open state -> EXPIRED by compare-and-set on the epoch. */
  expire(ref: DeliveryRef, settlement: Settlement): Promise<boolean>;
  /** Questions that were durable before they were asked and whose end never was: PARTIALLY_FAILED, with the fault. Returns how many. */
  endUnfinished(fault: FaultRecord, limit: number): Promise<number>;
  /** Creates the day partitions from today to `days` ahead. */
  preparePartitions(days: number, from?: Date): Promise<void>;
  /** True where this node holds (or has just taken) the named lease until now + ms. */
  holdLease(name: string, owner: string, ms: number): Promise<boolean>;
}

export interface BoxEntry {
  readonly deliveryId: string;
  readonly lease: string;
  readonly leasedUntil: Date;
  readonly message: Message;
  readonly content: Content;
  readonly receipt: Receipt | null;
}

/** The box: AVAILABLE deliveries of a system that fetches them itself. */
export interface BoxStore {
  /** Leases up to `max` deliveries that no one holds, oldest first. */
  fetch(system: string, max: number, leaseMs: number): Promise<readonly BoxEntry[]>;
  /** AVAILABLE -> DELIVERED or FAILED, as settled. `repeated`: already acknowledged. `lost`: another lease holds it. */
  acknowledge(system: string, deliveryId: string, lease: string, settlement: Settlement): Promise<BoxOutcome>;
  /** Gives it back: visible again at once or after `delayMs`. To refuse it for good, acknowledge with FAILED. */
  release(system: string, deliveryId: string, lease: string, delayMs: number): Promise<BoxOutcome>;
  /** Resolves when something may have become available for the system, or after the time. */
  waitForMail(system: string, ms: number, signal: AbortSignal): Promise<void>;
  /** One entry as it stands, for composing its receipt. */
  entry(system: string, deliveryId: string): Promise<(Delivery & { readonly message: Message }) | null>;
}

export type BoxOutcome = 'done' | 'repeated' | 'lost' | 'unknown';

/** Takes work from the queues. The handler's promise is the acknowledgement: resolved = ack, rejected = back-off and requeue. */
export interface Consumer {
  /**
   * Declares each queue if needed and consumes with at most `concurrency` items of a system before their call has ended, and as many
   * after it. Called again
   * with another list it adds and removes. `onQueueLost` is called when a queue that should exist was found missing.
   */
  consume(systems: readonly { readonly system: string; readonly concurrency: number }[]): Promise<void>;
}

/** `called`: the receiver is done with the item, the next one may begin while the outcome is written. */
export type ItemHandler = (item: QueueItem, called: () => void) => Promise<void>;

/** Puts a message into the system's own AMQP queue. Resolves on the broker's confirm. */
export interface SystemQueue {
  put(
    system: string,
    item: QueueItem,
    body: { readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> },
  ): Promise<void>;
}
