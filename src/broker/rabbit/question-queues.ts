import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { Fault } from '../../message/fault.js';
import type { QuestionQueues, QueuedAnswer, QueuedQuestion } from '../../query/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { brokerAway } from './query-asking.js';
import { text, textHeaders } from './text-properties.js';
import { ANSWERS, askQueue } from './topology.js';

interface QueuesParts {
  readonly listeners: Listeners;
  readonly owner: string;
  readonly isBlocked: () => boolean;
  /** Gives up the connection for another one. */
  readonly recycle: (model: ChannelModel) => void;
}

/** The systems' own queues of questions, and this process's queue of their answers. */
export class RabbitQuestionQueues implements QuestionQueues {
  /** Names this process in reply addresses; it stays when a connection is lost, and so do the addresses. */
  private readonly process = randomUUID();
  private model: ChannelModel | null = null;
  private channel: ConfirmChannel | null = null;
  /** For looking at queues: RabbitMQ closes a channel at a refusal. */
  private looking: Promise<Channel> | null = null;
  private readonly owed = new Map<string, (fault: Fault) => void>();
  private listener: (answer: QueuedAnswer) => void = () => undefined;

  constructor(private readonly parts: QueuesParts) {}

  onAnswer: QuestionQueues['onAnswer'] = (listener) => void (this.listener = listener);

  /** Opens the queue of answers, which ends with the connection. */
  async open(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => this.problem('question queues', error));
    channel.on('close', () => this.parts.recycle(model));
    channel.on('return', ({ properties }) => this.owed.get(String(properties.messageId))?.(unread()));
    await channel.assertExchange(ANSWERS, 'topic', { durable: true });
    const name = `${ANSWERS}.${this.parts.owner.slice(0, 150)}.${randomUUID()}`;
    const options = { exclusive: true, autoDelete: true, durable: false, arguments: { 'x-queue-type': 'classic' } };
    await channel.assertQueue(name, options);
    await channel.bindQueue(name, ANSWERS, `#.${this.process}`);
    await channel.consume(name, (message) => this.take(model, message), { noAck: true });
    this.model = model;
    this.channel = channel;
  }

  lost(): void {
    this.model = null;
    this.channel = null;
    this.looking = null;
  }

  async put(system: string, question: QueuedQuestion): Promise<void> {
    if (this.parts.isBlocked()) throw brokerAway('RabbitMQ takes no messages at present.');
    if ((await this.readersOf(system)) === 0) throw unread();
    const { channel } = this;
    if (channel === null) throw brokerAway('RabbitMQ is not connected.');
    await this.publish(channel, system, question).finally(() => this.owed.delete(question.id));
  }

  /** Declares the queue where it is missing; null where it cannot be known. */
  private async readersOf(system: string): Promise<number | null> {
    const { name, arguments: given } = askQueue(system);
    try {
      const channel = await this.lookingChannel();
      return (await channel.assertQueue(name, { durable: true, arguments: given })).consumerCount;
    } catch (error) {
      this.problem(`look at ${name}`, error);
      return null;
    }
  }

  private lookingChannel(): Promise<Channel> {
    this.looking ??= this.openLooking().catch((error: unknown) => {
      this.looking = null;
      throw error;
    });
    return this.looking;
  }

  private async openLooking(): Promise<Channel> {
    const channel = await this.model?.createChannel();
    if (!channel) throw new Error('RabbitMQ is not connected');
    // The refused call rejects with the same error; without a listener the process would end.
    channel.on('error', () => undefined);
    channel.on('close', () => (this.looking = null));
    return channel;
  }

  private publish(channel: ConfirmChannel, system: string, question: QueuedQuestion): Promise<void> {
    const { id, body, headers: all, deadline } = question;
    const { 'content-type': contentType, ...headers } = all;
    const expiration = String(Math.max(1, deadline.getTime() - Date.now()));
    const ids = { messageId: id, correlationId: id, replyTo: `${system}.${this.process}` };
    const options = { ...ids, ...(contentType && { contentType }), headers, expiration, mandatory: true };
    return new Promise((resolve, reject) => {
      this.owed.set(id, reject);
      try {
        channel.publish('', askQueue(system).name, body, options, (error: unknown) => {
          if (error === null) resolve();
          else reject(brokerAway('RabbitMQ did not take the question.', error));
        });
      } catch (error) {
        reject(notWritten(error));
      }
    });
  }

  /** Null: RabbitMQ has cancelled the consumer, as when the queue was deleted. */
  private take(model: ChannelModel, message: ConsumeMessage | null): void {
    if (message === null) return this.parts.recycle(model);
    const { properties, fields, content: body } = message;
    const type = text(properties.contentType);
    this.listener({
      system: fields.routingKey.slice(0, -1 - this.process.length),
      user: text(properties.userId),
      id: text(properties.correlationId) ?? '',
      headers: { ...textHeaders(properties.headers ?? {}), ...(type !== null && { 'content-type': type }) },
      body,
    });
  }

  private problem(what: string, error: unknown): void {
    this.parts.listeners.emit('problem', { what, reason: reasonOf(error) });
  }
}

/** A channel that has just closed; else a property that AMQP cannot carry, such as a Content-Type of 256 bytes. */
const notWritten = (error: unknown) =>
  error instanceof Error && error.name === 'IllegalOperationError'
    ? brokerAway('RabbitMQ is not connected.', error)
    : new Fault('mediation-failed', { detail: `The question cannot be written in AMQP: ${reasonOf(error)}` });

const unread = () =>
  new Fault('receiver-overloaded', {
    detail: 'No consumer of the system reads its queue of questions at present.',
    retryAfterSeconds: 5,
  });
