import type { Channel, ChannelModel } from 'amqplib';
import { type Listeners, reasonOf } from '../listeners.js';
import { brokerUnavailable } from '../rejections.js';
import { assertExchanges, assertQueue, bind, MESSAGES, OWN_QUEUES, type QueueSpec } from './topology.js';

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/** Declares the topology on every connect, looking first whether something that should exist is missing. */
export class Declarations {
  private model: ChannelModel | null = null;
  private channel: Channel | null = null;
  private readonly known = new Map<string, QueueSpec>(OWN_QUEUES.map((queue) => [queue.name, queue]));
  private readonly verified = new Set<string>();
  /** Declarations go one after the other: a loss is seen, and told, once. */
  private last: Promise<unknown> = Promise.resolve();
  private readonly onReady: (() => void)[] = [];
  isReady = false;

  constructor(private readonly listeners: Listeners) {}

  /** Declares all that is known on a fresh connection. */
  async open(model: ChannelModel): Promise<void> {
    this.model = model;
    await this.inTurn(async () => {
      await this.declareExchanges();
      for (const queue of this.known.values()) await this.verify(queue);
    });
    this.isReady = true;
    for (const resolve of this.onReady.splice(0)) resolve();
  }

  /** Resolves once the whole topology stands. */
  async ready(): Promise<void> {
    if (!this.isReady) await new Promise<void>((resolve) => this.onReady.push(resolve));
  }

  lost(): void {
    this.isReady = false;
    this.model = null;
    this.channel = null;
    this.verified.clear();
  }

  /** Makes sure that the queue exists, now and after every reconnect. Rejects while RabbitMQ is away. */
  async ensure(queue: QueueSpec): Promise<void> {
    if (this.verified.has(queue.name)) return;
    this.expect(queue);
    if (!this.isReady) throw brokerUnavailable('RabbitMQ is not connected.');
    await this.inTurn(() => this.verify(queue));
  }

  /** The queue is declared on the next connect at the latest. */
  expect(queue: QueueSpec): void {
    this.known.set(queue.name, queue);
  }

  /** The queue was seen missing: the next `ensure` looks again. */
  doubt(name: string): void {
    this.verified.delete(name);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async declareExchanges(): Promise<void> {
    const missing = await this.isMissing((channel) => channel.checkExchange(MESSAGES));
    if (missing) await this.listeners.queueLost(MESSAGES, { system: null, held: 'queued' });
    await assertExchanges(await this.usable());
  }

  private async verify(queue: QueueSpec): Promise<void> {
    if (this.verified.has(queue.name)) return;
    const missing = await this.isMissing((channel) => channel.checkQueue(queue.name));
    const { system, holds } = queue;
    if (missing && system && holds) await this.listeners.queueLost(queue.name, { system, held: holds });
    await this.declare(queue);
    await bind(await this.usable(), queue);
    this.verified.add(queue.name);
  }

  private async declare(queue: QueueSpec): Promise<void> {
    try {
      await assertQueue(await this.usable(), queue);
    } catch (error) {
      if (codeOf(error) !== PRECONDITION_FAILED) throw error;
      this.listeners.emit('topology-mismatch', { queue: queue.name, reason: reasonOf(error) });
    }
  }

  private async isMissing(look: (channel: Channel) => Promise<unknown>): Promise<boolean> {
    try {
      await look(await this.usable());
      return false;
    } catch (error) {
      if (codeOf(error) === NOT_FOUND) return true;
      throw error;
    }
  }

  /** The channel for declarations; RabbitMQ closes it at every refusal, so it is opened anew. */
  private async usable(): Promise<Channel> {
    if (this.model === null) throw brokerUnavailable('RabbitMQ is not connected.');
    if (this.channel !== null) return this.channel;
    const channel = await this.model.createChannel();
    // The refused call rejects with the same error; without a listener the process would end.
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.channel === channel) this.channel = null;
    });
    this.channel = channel;
    return channel;
  }
}

function codeOf(error: unknown): number | null {
  return (error as { code?: number } | null)?.code ?? null;
}
