import type { Channel, Options } from 'amqplib';
import type { Loss } from '../broker.js';

/** What exists in RabbitMQ, as data. Names and arguments are a contract with running brokers. */
export const MESSAGES = 'crocevia.messages';
export const UNROUTABLE = 'crocevia.unroutable';
export const DEAD_LETTER = 'crocevia.dead-letter';
export const DEAD_LETTERS = 'crocevia.dead-letters';
export const SUBMISSIONS = 'crocevia.submissions';
/** What systems answer to questions from their own queues; routing key `{system}.{process}`. */
export const ANSWERS = 'crocevia.answers';

/** Questions that nobody waits for any more, told to every process that serves. */
export const WITHDRAWN = 'crocevia.withdrawn';

export interface QueueSpec {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly bindings: readonly { readonly exchange: string; readonly key: string }[];
  /** The system whose deliveries lie in the queue, and which of them: those on their way to it, or those that wait for it to take them. */
  readonly system?: string;
  readonly holds?: Loss['held'];
}

export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'topic' | 'fanout';
  readonly options: Options.AssertExchange;
}

const QUORUM = { 'x-queue-type': 'quorum' } as const;

export const EXCHANGES: readonly ExchangeSpec[] = [
  { name: UNROUTABLE, type: 'fanout', options: { durable: true } },
  { name: DEAD_LETTER, type: 'fanout', options: { durable: true } },
  { name: MESSAGES, type: 'topic', options: { durable: true, alternateExchange: UNROUTABLE } },
  { name: SUBMISSIONS, type: 'topic', options: { durable: true } },
  { name: ANSWERS, type: 'topic', options: { durable: true } },
];

// Dead letters at least once need reject-publish (RabbitMQ, "Quorum Queues", at-least-once dead lettering).
const DEAD_LETTERED = {
  ...QUORUM,
  'x-dead-letter-exchange': DEAD_LETTER,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

/** What no queue took. */
export const UNROUTABLE_QUEUE: QueueSpec = {
  name: UNROUTABLE,
  arguments: DEAD_LETTERED,
  bindings: [{ exchange: UNROUTABLE, key: '' }],
};

/** Queues of the gateway itself. */
export const OWN_QUEUES: readonly QueueSpec[] = [
  UNROUTABLE_QUEUE,
  { name: DEAD_LETTERS, arguments: QUORUM, bindings: [{ exchange: DEAD_LETTER, key: '' }] },
];

export const outQueue = (system: string) => `crocevia.out.${system}`;
export const replyQueue = (system: string) => `crocevia.reply.${system}`;

/** Routing key of an item; the queue of a system takes every kind. */
export const itemKey = (kind: string, system: string) => `${kind}.${system}`;

/** Work for the dispatcher: one a receiving system. */
export function systemQueue(system: string): QueueSpec {
  return {
    name: `crocevia.system.${system}`,
    arguments: DEAD_LETTERED,
    bindings: [{ exchange: MESSAGES, key: itemKey('*', system) }],
    system,
    holds: 'queued',
  };
}

/** Queues of a system that speaks AMQP itself: what it submits, is answered, receives and is asked. */
export function amqpQueues(system: string): readonly QueueSpec[] {
  return [submissionQueue(system), plainQueue(replyQueue(system)), receivingQueue(system), askQueue(system)];
}

/**
 * Questions that the system takes itself, at most once: what its consumer had when its connection ended is dropped,
 * not offered again (RabbitMQ, "Quorum Queues", poison message handling).
 */
export const askQueue = (system: string): QueueSpec => ({
  name: `crocevia.ask.${system}`,
  arguments: { ...QUORUM, 'x-delivery-limit': 0 },
  bindings: [],
});

export function submissionQueue(system: string): QueueSpec {
  const bindings = [{ exchange: SUBMISSIONS, key: system }];
  return { name: `crocevia.submit.${system}`, arguments: QUORUM, bindings };
}

/** What the system takes its deliveries from. */
export function receivingQueue(system: string): QueueSpec {
  return { ...plainQueue(outQueue(system)), system, holds: 'available' };
}

export function plainQueue(name: string): QueueSpec {
  return { name, arguments: QUORUM, bindings: [] };
}

/** Questions for a system that answers; bounded, transient, and gone when no node serves the system any more. */
export const queryQueue = (system: string) => `crocevia.query.${system}`;

/** Reply queues, one for each process that asks. */
export const REPLIES = 'crocevia.replies.';

/** How long a query queue outlives its last consumer: a dispatcher that reconnects finds what waits. */
const UNSERVED_MS = 10_000;

export function queryQueueArguments(waiting: number): QueueSpec['arguments'] {
  return {
    'x-queue-type': 'classic',
    // RabbitMQ refuses every publish to a queue of length 0, also where a consumer is free.
    'x-max-length': Math.max(1, waiting),
    'x-overflow': 'reject-publish',
    'x-expires': UNSERVED_MS,
  };
}

export async function assertExchanges(channel: Channel): Promise<void> {
  for (const { name, type, options } of EXCHANGES) await channel.assertExchange(name, type, options);
}

export async function assertQueue(channel: Channel, queue: QueueSpec): Promise<void> {
  await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
}

export async function bind(channel: Channel, queue: QueueSpec): Promise<void> {
  for (const { exchange, key } of queue.bindings) await channel.bindQueue(queue.name, exchange, key);
}
