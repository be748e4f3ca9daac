import type { Publisher } from '../acceptance/ports.js';
import type { Submissions } from '../acceptance/submissions.js';
import type { Consumer, ItemHandler, SystemQueue } from '../delivery/ports.js';
import type { QueryBroker, QuestionQueues } from '../query/ports.js';

/** What the broker tells of itself: there is no log line in this folder. */
export const BROKER_EVENTS = {
  connected: 'A connection is open and its topology declared. detail: link, host.',
  disconnected: 'A connection is lost or could not be opened. detail: link, host, reason.',
  recycled: 'No confirm came for too long: another connection is opened. detail: outstanding.',
  blocked: 'RabbitMQ refuses publishes (memory or disk alarm). detail: reason.',
  unblocked: 'RabbitMQ takes publishes again.',
  'queue-lost': 'A queue that should exist was missing and has been declared. detail: queue, system.',
  'topology-mismatch': 'A queue exists with other arguments and is used as it is. detail: queue, reason.',
  returned: 'A message reached no queue. detail: key, messageId.',
  rerouted: 'An item was found in the unroutable queue and sent on. detail: system.',
  'dead-letter':
    'An item was undecodable or rejected too often, or a question dropped. detail: queue, deliveryId, reason.',
  refused: 'A submission was answered with a fault. detail: system, code.',
  strayed:
    'A copy (CC, BCC) of what another system published came to a submission queue and was dropped. detail: system, key.',
  problem: 'Something failed and will be tried again. detail: what, reason.',
} as const;

export interface BrokerEvent {
  readonly name: keyof typeof BROKER_EVENTS;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

export interface BrokerState {
  readonly connected: boolean;
  /** Why RabbitMQ takes no publishes; null while it does. */
  readonly blocked: string | null;
}

export interface Loss {
  /** Null: every queue of the gateway's own. */
  readonly system: string | null;
  /** What lay in it: deliveries QUEUED, or those AVAILABLE in a queue that the system reads itself. */
  readonly held: 'queued' | 'available';
}

/**
 * Told that a queue is missing: what lay in it must be published again. The queue is
 * declared only after the listener has resolved, so that a crash in between is noticed by the next process; where it
 * rejects, everything is tried again. It must not wait for a publish.
 */
export type LossListener = (loss: Loss) => void | Promise<unknown>;

export interface Broker {
  readonly kind: 'rabbitmq' | 'in-process';
  readonly publisher: Publisher;
  /** May be called once. */
  consumer(handler: ItemHandler): Consumer;
  readonly systemQueue: SystemQueue;
  /** Null where systems cannot speak AMQP to this broker. */
  readonly submissions: Submissions | null;
  readonly queries: QueryBroker;
  readonly questionQueues: QuestionQueues;
  onQueueLost(listener: LossListener): void;
  onEvent(listener: (event: BrokerEvent) => void): void;
  state(): BrokerState;
  /** Whether each queue that this process should read is read. */
  isReading(): boolean;
  /** Stops consuming, lets running handlers finish and waits for the confirms that are still owed. */
  drain(): Promise<void>;
  /** Ends at once; publishes under way reject with Fault stopping. What RabbitMQ holds stays there. */
  close(): Promise<void>;
}
