import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { Fault } from '../../message/fault.js';
import type { QueryItem } from '../../query/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { fullFault, type PendingAsks, unservedFault } from '../pending-asks.js';
import { decodeOutcome, encodeQuestion, QUESTION_CONTENT_TYPE } from './query-codec.js';
import { queryQueue, REPLIES } from './topology.js';

interface AskingParts {
  readonly asks: PendingAsks;
  readonly listeners: Listeners;
  readonly owner: string;
  /** Gives up the connection for another one. */
  readonly recycle: (model: ChannelModel) => void;
}

/** The asking side: puts questions into the queues of systems and reads this process's one reply queue. */
export class QueryAsking {
  private channel: ConfirmChannel | null = null;
  private replyTo = '';
  /** What RabbitMQ has neither taken nor refused. */
  private readonly unconfirmed = new Set<string>();

  constructor(private readonly parts: AskingParts) {}

  /**
   * Opens the reply queue, which ends with the connection. Its name is new each time: RabbitMQ may hold that of a
   * broken connection for a while.
   */
  async open(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => this.problem('ask', error));
    channel.on('close', () => this.parts.recycle(model));
    channel.on('return', ({ properties, fields }) => {
      const system = fields.routingKey.slice(queryQueue('').length);
      this.parts.asks.refuse(String(properties.messageId), unservedFault(system));
    });
    model.on('blocked', () => this.failUnconfirmed('RabbitMQ takes no messages at present.'));
    const name = `${REPLIES}${this.parts.owner.slice(0, 150)}.${randomUUID()}`;
    const options = { exclusive: true, autoDelete: true, durable: false, arguments: { 'x-queue-type': 'classic' } };
    await channel.assertQueue(name, options);
    await channel.consume(name, (message) => this.take(model, message), { noAck: true });
    this.replyTo = name;
    this.channel = channel;
  }

  /** The reply queue is gone, so no answer can come any more. */
  lost(): void {
    this.channel = null;
    this.unconfirmed.clear();
    this.parts.asks.failAll(brokerAway('The connection to RabbitMQ was lost.'));
  }

  get isReady(): boolean {
    return this.channel !== null;
  }

  /** A question that cannot be sent fails its ask, which `name` tells from others under the same id. */
  send(item: QueryItem, name: string): void {
    const { id } = item.message;
    const { system } = item.receiver;
    const now = Date.now();
    const expiration = String(Math.max(1, item.deadline.getTime() - now));
    const options = { mandatory: true, persistent: false, expiration, contentType: QUESTION_CONTENT_TYPE };
    const ids = { messageId: id, correlationId: name, replyTo: this.replyTo };
    this.unconfirmed.add(id);
    try {
      const body = encodeQuestion({ item, askedAt: now });
      this.channel!.publish('', queryQueue(system), body, { ...options, ...ids }, (error: unknown) =>
        this.confirmed(id, system, error),
      );
    } catch (error) {
      this.unconfirmed.delete(id);
      this.problem('ask', error);
      this.parts.asks.refuse(id, brokerAway('The question could not be given to RabbitMQ.', error));
    }
  }

  /** The queue of a system refuses (nacks) what is over its bound. A lost channel says so of every question, too. */
  private confirmed(id: string, system: string, error: unknown): void {
    this.unconfirmed.delete(id);
    if (error instanceof Error && error.message === 'message nacked') this.parts.asks.refuse(id, fullFault(system));
  }

  private failUnconfirmed(detail: string): void {
    for (const id of this.unconfirmed) this.parts.asks.fail(id, brokerAway(detail));
    this.unconfirmed.clear();
  }

  /** Null: RabbitMQ has cancelled the consumer, as when the reply queue was deleted. */
  private take(model: ChannelModel, message: ConsumeMessage | null): void {
    if (message === null) return this.parts.recycle(model);
    const id = String(message.properties.correlationId);
    try {
      this.parts.asks.settle(id, decodeOutcome(message.content));
    } catch (error) {
      this.problem('outcome', error);
      this.parts.asks.refuse(id, new Fault('internal', { detail: 'The outcome could not be read.', cause: error }));
    }
  }

  private problem(what: string, error: unknown): void {
    this.parts.listeners.emit('problem', { what, reason: reasonOf(error) });
  }
}

export function brokerAway(detail: string, cause?: unknown): Fault {
  return new Fault('broker-unavailable', { detail, retryAfterSeconds: 2, cause });
}
