import type { KeptKeys } from '../message/business-key.js';
import type { StoredContent } from '../message/content.js';
import type { Message, ProtocolName } from '../message/message.js';
import type { Delivery, DeliveryOrder, DeliveryRef } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { Acceptance } from '../message/stages.js';

/** Everything that one durable transaction of acceptance writes. */
export interface AcceptanceRecord extends KeptKeys {
  readonly message: Message;
  /** The original bytes; of a stored content its document alone. */
  readonly content: Buffer;
  /** Set where the original bytes lie in the payload store: acceptance makes them the message's. */
  readonly stored?: StoredContent;
  readonly deliveries: readonly NewDelivery[];
  /** The participant under whose key the content is kept, and which no queue carries then; absent or null: as it is. */
  readonly sealFor?: string | null;
  /** Stations passed and their milliseconds; stored with the first journal event. */
  readonly stations: readonly { readonly station: string; readonly ms: number }[];
}

export interface NewDelivery {
  /** UUIDv7. */
  readonly deliveryId: string;
  readonly receiver: { readonly participant: string; readonly system: string };
  readonly agreement: string;
  readonly expiresAt: Date;
  /** 0 to 9, the highest first; 4 where left out. */
  readonly priority?: number;
  /** Where the agreement asks for order. */
  readonly order?: DeliveryOrder | null;
  /** Milliseconds for which no relay takes it, for the process that accepts it publishes it; left out: the first one may. */
  readonly reserveMs?: number;
}

export type AcceptanceOutcome =
  | { readonly kind: 'accepted' }
  /** Same sender system, same messageId, same digest: the first answer is given again. */
  | { readonly kind: 'duplicate'; readonly original: Acceptance['message'] }
  /** Same sender system and messageId, another digest. */
  | { readonly kind: 'conflict'; readonly original: Acceptance['message'] }
  /** Its stored content was taken for an orphan, and is no more. */
  | { readonly kind: 'lost' };

/** A refused message: metadata and fault, never its body. What is not known yet is null. */
export interface RejectionRecord {
  readonly id: string;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly sender: { readonly participant: string; readonly system: string };
  readonly service: string | null;
  readonly version: number | null;
  readonly operation: string | null;
  /** Null: SOAP that was refused before its version was known. */
  readonly protocol: ProtocolName | null;
  readonly receiver: string | null;
  readonly size: number;
  readonly at: Date;
  readonly fault: FaultRecord;
  readonly stations: readonly { readonly station: string; readonly ms: number }[];
}

/**
 * The durable side of acceptance. Calls made at the same time share one commit; a call resolves only after that
 * commit, and a record that cannot be stored fails alone. Throws Fault store-unavailable when the store is away.
 */
export interface MessageStore {
  accept(record: AcceptanceRecord): Promise<AcceptanceOutcome>;
  reject(record: RejectionRecord): Promise<void>;
}

/** What travels through a receiving system's queue. */
export interface QueueItem extends DeliveryRef {
  readonly delivery: Pick<Delivery, 'kind' | 'receiver' | 'agreement' | 'attempts' | 'expiresAt' | 'receipt' | 'order'>;
  readonly message: Message;
  /** The original bytes; null = claim check, read from the store at delivery. */
  readonly content: Buffer | null;
  /** True where it is let through to a system that is spared, to see whether it works again. */
  readonly isProbe?: boolean;
}

/** Bytes over which a payload stays in the store and only its claim check travels. */
export const CLAIM_CHECK_BYTES = 65_536;

/**
 * Hands work to the broker. Resolves once the broker has confirmed (quorum written, in-process: enqueued); rejects
 * when it has not within the time limit, was nacked for good or was returned as unroutable. May deliver twice.
 */
export interface Publisher {
  publish(item: QueueItem): Promise<void>;
}

/** The ledger as the relay sees it: deliveries QUEUED that no queue holds yet. */
export interface Outbox {
  /**
   * Compare-and-set on QUEUED and epoch. What stays reserved for longer than `untilMs` needs no mark yet; left out: any is marked.
   * Batched.
   */
  markPublished(ref: DeliveryRef, untilMs?: number): Promise<Marked>;
  /** What is taken stays reserved for `reserveMs`, so that two relays do not take the same. */
  takeUnpublished(order: TakeOrder): Promise<Taken>;
  /**
   * Lets the next delivery of each conversation go where it is its turn: none of the conversation before it is open, and the
   * sender has left out no number before it, or for `gapWaitMs`.
   */
  advance(order: AdvanceOrder): Promise<Advanced>;
  /**
   * Makes published deliveries of a system (null: of all) unpublished again under a new epoch; of a system those too that are
   * reserved, for they may be published and not marked yet. Returns how many.
   */
  unpublish(system: string | null): Promise<number>;
  /** Makes deliveries QUEUED again that were AVAILABLE to a system and that it has no lease on. Returns how many. */
  takeBackAvailable(system: string): Promise<number>;
}

/** What a look at a published delivery has found: marked now, reserved still, or no longer of this turn. */
export type Marked = 'marked' | 'reserved' | 'gone';

export interface AdvanceOrder {
  /** Conversations. */
  readonly limit: number;
  /** How long a message waits for a number that is missing before it. */
  readonly gapWaitMs: number;
}

export interface Advanced {
  /** How many may go now. */
  readonly went: number;
  /** Numbered, and a later number of the conversation has gone: theirs to fail. */
  readonly overtaken: readonly DeliveryRef[];
}

/**
 * Up to `limit` deliveries QUEUED and unpublished, of each system no more than its window has room for: the more urgent first,
 * of equal urgency one of each sender in turn and the oldest of each first; of the systems one of each in turn. What is reserved
 * is left.
 */
export interface TakeOrder {
  readonly limit: number;
  /** The most that may lie published and unclaimed of a system that is not among `systems`; what is over it stays in the ledger. */
  readonly window: number;
  readonly reserveMs: number;
  readonly systems: ReadonlyMap<string, KnownSystem>;
}

/** What a relay knows of a receiving system. */
export interface KnownSystem {
  /** Its window. */
  readonly size: number;
  /** What the relay has published and nobody has claimed or marked: it takes room too. */
  readonly unmarked: number;
  /** How many more may go now; null: as many as there is room for. */
  readonly atMost: number | null;
}

export interface Taken {
  readonly items: readonly QueueItem[];
  /** Of systems with waiting deliveries: how many lie marked as published and unclaimed, counted up to the window. */
  readonly marked: Readonly<Record<string, number>>;
  /** Of the same systems: how many could have been given. */
  readonly rooms: Readonly<Record<string, number>>;
  /** Systems that are spared, for they failed too often; of one whose time is over a single delivery is given. */
  readonly circuits: readonly string[];
}
