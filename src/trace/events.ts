import type { FaultRecord } from '../message/fault.js';
import type { DeliveryState, Attempt } from '../message/delivery.js';

/** The only list of event names: journal rows, metrics, log lines and the timeline derive from it. */
export const EVENTS = {
  'message.accepted': 'The message, its payload and its deliveries are durable; the sender has its answer.',
  'message.rejected': 'The message was refused; the fault says why.',
  'message.duplicate': 'The sender repeated the message and got the first answer again.',
  'message.completed': 'Every receiver has it.',
  'message.partially-failed': 'Every delivery has ended, at least one without success.',
  'message.viewed': 'An operator looked at what the message carries.',
  'message.noted': 'An operator has written a note on it.',
  'message.corrected': 'Operators have sent an edited copy of it, or it is that copy; the detail says of which.',
  'message.purged': 'What it carried is no longer kept; its records are.',
  'message.answered': 'The receiver has answered; the answer is a message of its own and durable.',
  'query.asked':
    'A question was taken; somebody waits for the answer, which comes from the system asked or from what it let be kept.',
  'query.answered': 'The answer was held against the published interface and handed to who had asked.',
  'query.failed': 'There is no answer to hand on; the fault says why.',
  'query.kept': 'What was answered is kept as evidence; it answers the question that it relates to.',
  'query.late': 'An answer came when nobody waited for it any more.',
  'delivery.published': 'The broker has confirmed the queue item.',
  'delivery.claimed': 'A dispatcher holds the delivery under a lease.',
  'delivery.delivered': 'The receiver has answered or acknowledged.',
  'delivery.available': 'The message lies in the box or in the system’s own queue.',
  'delivery.leased': 'The receiving system fetched it from its box.',
  'delivery.released': 'The receiving system gave it back to its box.',
  'delivery.retry-scheduled': 'The try failed; the next one has a time.',
  'delivery.held': 'It waits for a message of its conversation whose number is missing; the fault says which.',
  'delivery.suspended': 'Held without burning an attempt.',
  'delivery.requeued': 'Due again, or taken back from a dispatcher that died.',
  'delivery.retried': 'An operator sends it anew, with all its tries before it.',
  'delivery.failed': 'No further try will be made.',
  'delivery.expired': 'The time of the agreement is over.',
  'delivery.cancelled': 'An operator withdrew it.',
  'delivery.discarded': 'An operator has seen to it: it is no dead letter any more, and may still be sent anew.',
  'delivery.prioritised': 'An operator has given it another priority.',
  'receipt.queued': 'A receipt for the sender was written.',
  'receipt.delivered': 'The sender’s endpoint took the receipt.',
  'receipt.failed': 'The receipt could not be pushed; the sender can still fetch it.',
} as const;

export type EventName = keyof typeof EVENTS;

/** One row of the journal, written in the transaction that changes the state. */
export interface JournalEvent {
  /** Ascending; the cursor of `tail`. */
  readonly seq: number;
  readonly messageId: string;
  readonly deliveryId: string | null;
  readonly event: EventName;
  readonly at: Date;
  /** Who caused it: `gateway`, a dispatcher's owner name, a system id, an operator. */
  readonly by: string;
  readonly from: DeliveryState | null;
  readonly to: DeliveryState | null;
  /** Event data: `stations` of an acceptance, `attempt`, `fault`, `nextAttemptAt`, `receiver`. */
  readonly detail: JournalDetail;
}

export interface JournalDetail {
  readonly receiver?: string;
  /** Of an acceptance, a refusal and an end: the service. */
  readonly service?: string;
  readonly stations?: readonly { readonly station: string; readonly ms: number }[];
  readonly attempt?: Attempt;
  readonly fault?: FaultRecord;
  readonly nextAttemptAt?: string;
  /** Why an operator has ordered it. */
  readonly reason?: string;
  /** What an operator has noted. */
  readonly note?: string;
  /** The job of which the order was a part. */
  readonly job?: string;
  /** The other system of the receiver to which an operator sends it anew. */
  readonly system?: string;
  /** 0 to 9, the highest first. */
  readonly priority?: number;
  readonly size?: number;
  /** Of a delivery that goes in order: its conversation. */
  readonly conversation?: string;
  /** HTTP status of an answer to a query. */
  readonly status?: number;
  /** Lower-case hex SHA-256 of the answer to a query, as the consumer was given it. */
  readonly digest?: string;
}
