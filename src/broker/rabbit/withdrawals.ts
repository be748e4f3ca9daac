import type { Channel, ChannelModel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import type { QueryItem } from '../../query/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { WITHDRAWN } from './topology.js';

interface WithdrawalParts {
  readonly listeners: Listeners;
  readonly isBlocked: () => boolean;
}

/** What a process that serves has not read yet; of more the oldest are dropped. */
const MAX_UNREAD = 10_000;
const NOTHING = Buffer.alloc(0);

/**
 * Tells the processes that serve that nobody waits for a question any more. One that is lost harms nothing, since its
 * deadline ends the call: none is confirmed, and none is sent while RabbitMQ is away or takes them slowly.
 */
export class Withdrawals {
  private channel: Channel | null = null;
  private isFull = false;

  constructor(private readonly parts: WithdrawalParts) {}

  async open(model: ChannelModel): Promise<void> {
    const channel = await model.createChannel();
    channel.on('error', (error) => this.problem(error));
    channel.on('drain', () => (this.isFull = false));
    channel.on('close', () => {
      if (channel === this.channel) this.lost();
    });
    await assertWithdrawn(channel);
    this.isFull = false;
    this.channel = channel;
  }

  lost(): void {
    this.channel = null;
  }

  tell(name: string, { message, deadline }: QueryItem): void {
    if (this.channel === null || this.isFull || this.parts.isBlocked()) return;
    const expiration = String(Math.max(1, deadline.getTime() - Date.now()));
    const options = { persistent: false, expiration, messageId: message.id, correlationId: name };
    try {
      this.isFull = !this.channel.publish(WITHDRAWN, '', NOTHING, options);
    } catch (error) {
      this.problem(error);
    }
  }

  private problem(error: unknown): void {
    this.parts.listeners.emit('problem', { what: 'withdraw', reason: reasonOf(error) });
  }
}

/** Reads what every process withdraws, from a queue of this one that ends with the channel. */
export async function hearWithdrawals(channel: Channel, owner: string, heard: (name: string) => void): Promise<void> {
  const queue = `${WITHDRAWN}.${owner.slice(0, 150)}.${randomUUID()}`;
  const given = { 'x-queue-type': 'classic', 'x-max-length': MAX_UNREAD };
  await assertWithdrawn(channel);
  await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false, arguments: given });
  await channel.bindQueue(queue, WITHDRAWN, '');
  const take = (name: unknown) => typeof name === 'string' && heard(name);
  // Null: somebody has deleted the queue; the next channel has another.
  await channel.consume(queue, (message) => take(message?.properties.correlationId), { noAck: true });
}

/** By who tells and who hears, on the connection of queries: it may open before the one that declares the rest. */
const assertWithdrawn = (channel: Channel) => channel.assertExchange(WITHDRAWN, 'fanout', { durable: true });
