import type { Content } from '../message/content.js';
import type { Attempt, Delivery, DeliveryState } from '../message/delivery.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message, MessageState, ProtocolName } from '../message/message.js';
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
  /** True where an operator has sent it to try the way. */
  readonly isTest?: true;
  readonly deliveries: readonly (Delivery & {
    readonly lastFault: FaultRecord | null;
    readonly endedAt: Date | null;
  })[];
}

/** One side of a message; at least one of the two. */
export interface Party {
  /** IPA code. */
  readonly participant?: string;
  readonly system?: string;
}

export interface MessageFilter {
  readonly state?: MessageState;
  readonly sender?: Party;
  readonly receiver?: Party;
  readonly service?: string;
  readonly protocol?: ProtocolName;
  /** Code of the fault of the message, or of the last one of a delivery. */
  readonly fault?: FaultCode;
  /** Tries of one delivery at least. */
  readonly attempts?: number;
  /** Accepted (or refused) at this time or later, and before that one. */
  readonly from?: Date;
  readonly to?: Date;
  /** The whole of an id of the message or of a delivery, of a correlation id, or of a business key. */
  readonly text?: string;
  /** IPA codes: only messages of which the sender or a receiver is one of them, and of those only what is about them. */
  readonly participants?: readonly string[];
}

export interface FoundMessage extends MessageStatus {
  readonly protocol: ProtocolName | null;
  readonly businessKeys: readonly FoundKey[];
}

export interface FoundKey {
  readonly name: string;
  /** Null: only its hash is kept. */
  readonly value: string | null;
}

export interface FoundMessages {
  readonly items: readonly FoundMessage[];
  /** The `before` of the next page; null where everything was looked through. */
  readonly next: string | null;
  /** How far back in time the search has come; null: to the oldest record, or to `from`. */
  readonly searchedTo: Date | null;
}

export interface MessagePageOrder {
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string;
  /** Milliseconds after which it answers what it has found so far. */
  readonly budgetMs: number;
}

/** Another message of the same exchange. */
export interface RelatedMessage {
  readonly id: string;
  readonly messageId: string | null;
  /** `origin`: what the message relates to; `follow-up`: what relates to it, such as its answer or what was sent anew for it. */
  readonly relation: 'origin' | 'follow-up' | 'same-correlation';
  readonly profile: string | null;
  readonly acceptedAt: Date;
  /** IPA code. */
  readonly sender: string;
  readonly service: string | null;
  readonly operation: string | null;
  readonly state: MessageState;
}

/** What operators write on messages. Throws Fault store-unavailable. */
export interface MessageNotes {
  /** In the journal of the message and, without its words, in the audit. */
  add(id: string, note: string, operator: string, address: string): Promise<void>;
}

/** Messages by what operators know of them. Throws Fault store-unavailable. */
export interface MessageSearch {
  /** Newest first. A page may hold fewer than `limit`, or none, and still have a next one. */
  find(filter: MessageFilter, page: MessagePageOrder): Promise<FoundMessages>;
  /** At most 50, newest first; of those that are about one of the participants (IPA codes; null: of all). */
  related(message: MessageStatus, participants: readonly string[] | null): Promise<readonly RelatedMessage[]>;
  /** Of a message, as they are kept. */
  keys(id: string): Promise<readonly FoundKey[]>;
}

/** Read side of the ledger. */
export interface TraceReader {
  /** By the gateway’s id; of these senders’ only where they are named, so that another’s takes as long as none. */
  status(id: string, senders?: readonly string[]): Promise<MessageStatus | null>;
  statusByMessageId(senderSystem: string, messageId: string): Promise<MessageStatus | null>;
  timeline(id: string): Promise<readonly JournalEvent[]>;
  attempts(id: string): Promise<readonly (Attempt & { readonly deliveryId: string })[]>;
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
