import type { Content } from '../message/content.js';
import type { Attempt, Delivery } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message, MessageState } from '../message/message.js';
import type { DeliveryState } from '../message/delivery.js';
import type { JournalEvent } from './events.js';

/** A message as it stands: what a status resource shows. Refused messages have gaps. */
export interface MessageStatus {
  readonly id: string;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly relatesTo: string | null;
  readonly state: MessageState;
  readonly sender: Message['sender'];
  /** IPA code that a refused message was addressed to; null where it named none, and for accepted ones: see deliveries. */
  readonly receiver: string | null;
  readonly service: string | null;
  readonly version: number | null;
  readonly operation: string | null;
  readonly size: number;
  readonly acceptedAt: Date;
  readonly fault: FaultRecord | null;
  readonly deliveries: readonly (Delivery & {
    readonly lastFault: FaultRecord | null;
    readonly endedAt: Date | null;
  })[];
}

export interface MessageFilter {
  readonly state?: MessageState;
  readonly sender?: string;
  readonly receiver?: string;
  readonly service?: string;
  /** Exact match on id, messageId or correlationId. */
  readonly text?: string;
  /** IPA codes: only messages of which the sender or a receiver is one of them. */
  readonly participants?: readonly string[];
}

/** Read side of the ledger. */
export interface TraceReader {
  /** By the gateway’s id; of these senders’ only where they are named, so that another’s takes as long as none. */
  status(id: string, senders?: readonly string[]): Promise<MessageStatus | null>;
  statusByMessageId(senderSystem: string, messageId: string): Promise<MessageStatus | null>;
  timeline(id: string): Promise<readonly JournalEvent[]>;
  attempts(id: string): Promise<readonly (Attempt & { readonly deliveryId: string })[]>;
  /** Newest first; `before` is the id of the last row seen. */
  list(
    filter: MessageFilter,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly MessageStatus[]>;
  /** Those of the messages of which the sender or a receiver is one of the participants (IPA codes), with the sender's. */
  concerning(ids: readonly string[], participants: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Events with seq > after, ascending. */
  eventsAfter(after: number, limit: number): Promise<readonly JournalEvent[]>;
  lastSeq(): Promise<number>;
}

export interface ViewedContent {
  readonly content: Content;
  /** Lower-case names, as kept with the message: `content-type`; of a query over REST also `x-method`, `x-path`, `x-query`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What messages carried, for people. Throws Fault store-unavailable. */
export interface MessageContents {
  /**
   * Original bytes; null where none are kept. Who looks stands in the message's journal, and from which address in the audit, before
   * anything is shown.
   */
  view(id: string, operator: string, address: string): Promise<ViewedContent | null>;
}

/** How much lies in the ledger, of all nodes. */
export interface Levels {
  /** Of deliveries that have not ended; `oldest` is the id of the oldest message among them. */
  readonly open: readonly { readonly state: DeliveryState; readonly count: number; readonly oldest: string }[];
  /** Deliveries that ended without success and are kept. */
  readonly dead: number;
  /** Receiving systems that are spared. */
  readonly circuits: number;
  /** Of the database. */
  readonly bytes: number;
}

/** Throws Fault store-unavailable. */
export interface LedgerLevels {
  read(): Promise<Levels>;
}

/** Connections to the database, and callers that wait for one. */
export interface PoolUse {
  readonly pool: 'path' | 'reader';
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Told of events of this process right after their commit; order per message is the journal's. */
export interface JournalFeed {
  subscribe(listener: (events: readonly JournalEvent[]) => void): () => void;
}
