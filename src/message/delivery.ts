import type { FaultRecord } from './fault.js';
import type { Receipt } from './receipt.js';

export type DeliveryState =
  | 'QUEUED'
  | 'DELIVERING'
  | 'AVAILABLE'
  | 'WAITING_RETRY'
  | 'SUSPENDED'
  | 'DELIVERED'
  | 'FAILED'
  | 'EXPIRED'
  | 'CANCELLED';

/**
 * What may follow what (blueprint §4). An end state changes only by a late acknowledgement (-> DELIVERED), an
 * operator's retry (-> QUEUED), of what was delivered too where the operator insists, or by being discarded (-> CANCELLED).
 */
export const TRANSITIONS: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  QUEUED: ['DELIVERING', 'SUSPENDED', 'FAILED', 'EXPIRED', 'CANCELLED'],
  DELIVERING: ['DELIVERED', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED', 'FAILED', 'EXPIRED', 'QUEUED'],
  AVAILABLE: ['DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED', 'SUSPENDED', 'QUEUED'],
  WAITING_RETRY: ['QUEUED', 'EXPIRED', 'CANCELLED', 'SUSPENDED'],
  SUSPENDED: ['QUEUED', 'EXPIRED', 'CANCELLED'],
  DELIVERED: ['QUEUED'],
  FAILED: ['QUEUED', 'DELIVERED', 'CANCELLED'],
  EXPIRED: ['QUEUED', 'DELIVERED', 'CANCELLED'],
  CANCELLED: ['QUEUED', 'DELIVERED'],
};

/** Ended without success: an operator's retry, or a late word of the receiver, may still change it. */
export const DEAD_STATES: readonly DeliveryState[] = ['FAILED', 'EXPIRED', 'CANCELLED'];
export const END_STATES: readonly DeliveryState[] = ['DELIVERED', ...DEAD_STATES];
/** Dead letters: what an operator has not seen to yet. */
export const LOST_STATES: readonly DeliveryState[] = ['FAILED', 'EXPIRED'];
/** What waits, so that an operator may withdraw it; what is on its way at this moment is not. */
export const CANCELLABLE_STATES: readonly DeliveryState[] = ['QUEUED', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED'];

/** Names one delivery at one turn: a copy with an older epoch is stale and must be dropped. */
export interface DeliveryRef {
  readonly deliveryId: string;
  /** The gateway's id of the message (its partition). */
  readonly messageId: string;
  readonly epoch: number;
}

/** The place of a delivery in a conversation whose messages go in order. */
export interface DeliveryOrder {
  /** As the sender calls it; null: all that it sends under the agreement without naming one. */
  readonly conversation: string | null;
  /** The sender's own number, from 1; null where the ledger counts. */
  readonly sequence: number | null;
}

/** One message (or one receipt about it) for one receiving system. */
export interface Delivery extends DeliveryRef {
  readonly kind: 'message' | 'receipt';
  readonly receiver: { readonly participant: string; readonly system: string };
  /** Null for a receipt, which needs none. */
  readonly agreement: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly expiresAt: Date;
  /** The receipt that a `receipt` delivery carries. */
  readonly receipt: Receipt | null;
  /** Null (or not there): it goes when it can. */
  readonly order?: DeliveryOrder | null;
  /** True while it waits for its turn in the conversation. */
  readonly held?: boolean;
}

/** One try at a receiver, kept as a child row. */
export interface Attempt {
  readonly number: number;
  readonly startedAt: Date;
  /** Milliseconds. */
  readonly duration: number;
  /** Where it went, without credentials. */
  readonly target: string;
  /** HTTP status, where there was one. */
  readonly status: number | null;
  /** First 4 KiB of what the receiver answered. */
  readonly response: string | null;
  readonly fault: FaultRecord | null;
}
