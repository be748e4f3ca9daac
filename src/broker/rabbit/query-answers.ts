import type { Channel, ChannelModel } from 'amqplib';
import type { QueryOutcome } from '../../query/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import type { PendingAsks } from '../pending-asks.js';
import { hold } from '../rejections.js';
import { decodeOutcome, encodeOutcome, OUTCOME_CONTENT_TYPE } from './query-codec.js';

interface AnswerParts {
  readonly asks: PendingAsks;
  readonly listeners: Listeners;
  /** Gives up the connection for another one. */
  readonly recycle: (model: ChannelModel) => void;
}

export interface Address {
  /** The question. */
  readonly id: string;
  readonly replyTo: string;
  readonly deadline: Date;
}

/** Takes outcomes to the reply queue of the process that asks; one that finds it gone is a late answer here. */
export class QueryAnswers {
  private channel: Channel | null = null;
  /** Fires when there is a channel, or there will be none any more. */
  private opened = new AbortController();

  constructor(private readonly parts: AnswerParts) {}

  async open(model: ChannelModel): Promise<void> {
    const channel = await model.createChannel();
    channel.on('error', (error) => this.problem(error));
    channel.on('close', () => this.parts.recycle(model));
    channel.on('return', ({ properties, content }) => {
      this.parts.asks.tellLate(String(properties.correlationId), decodeOutcome(content));
    });
    this.channel = channel;
    this.opened.abort();
  }

  lost(): void {
    this.channel = null;
    this.opened = new AbortController();
  }

  end(): void {
    this.channel = null;
    this.opened.abort();
  }

  /** Waits for the connection while somebody may wait for the outcome. Never rejects. */
  async send({ id, replyTo, deadline }: Address, outcome: QueryOutcome): Promise<void> {
    if (this.channel === null) await hold(Math.max(0, deadline.getTime() - Date.now()), this.opened.signal);
    try {
      if (this.channel === null) throw new Error('RabbitMQ was away until the deadline');
      const options = { mandatory: true, persistent: false, contentType: OUTCOME_CONTENT_TYPE, correlationId: id };
      this.channel.publish('', replyTo, encodeOutcome(outcome), options);
    } catch (error) {
      this.problem(error);
      this.parts.asks.tellLate(id, outcome);
    }
  }

  private problem(error: unknown): void {
    this.parts.listeners.emit('problem', { what: 'answer', reason: reasonOf(error) });
  }
}
