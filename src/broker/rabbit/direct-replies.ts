import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { Listeners } from '../listeners.js';
import { brokerUnavailable } from '../rejections.js';
import { Link } from './connection.js';

/** Pseudo-queue of RabbitMQ's direct reply-to: reaches only the connection that asked. */
const DIRECT_REPLY_TO = 'amq.rabbitmq.reply-to.';

export const isDirectReplyTo = (name: string): boolean => name.startsWith(DIRECT_REPLY_TO);

/**
 * Answers to direct reply-tos, over a connection of its own: a name that somebody has made up ends the connection with
 * INTERNAL_ERROR (3.10.8), and that must not be the one on which everything else is published. It is opened with the first answer.
 */
export class DirectReplies {
  private readonly link: Link;
  private started: Promise<void> | null = null;
  private channel: ConfirmChannel | null = null;

  constructor(
    private readonly parts: { readonly urls: readonly string[]; readonly owner: string; readonly listeners: Listeners },
  ) {
    this.link = new Link({
      ...parts,
      name: 'reply',
      open: (model) => this.open(model),
      lost: () => void (this.channel = null),
    });
  }

  /** Once: rejects with Fault overloaded where the connection is away, or ends before RabbitMQ has confirmed. */
  async send(name: string, body: Buffer, options: Options.Publish): Promise<void> {
    await (this.started ??= this.link.start());
    const channel = this.channel;
    if (channel === null) throw brokerUnavailable('The connection for direct replies is away.');
    await new Promise<void>((resolve, reject) => {
      const done = (error: unknown) =>
        error === null ? resolve() : reject(brokerUnavailable('The direct reply was not confirmed.', error));
      // RabbitMQ returns a mandatory message to a direct reply-to even where it has arrived.
      channel.publish('', name, body, { ...options, mandatory: false }, done);
    });
  }

  close(): Promise<void> {
    return this.link.close();
  }

  private async open(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => this.parts.listeners.emit('problem', { what: 'reply', reason: error.message }));
    channel.on('close', () => this.link.recycle(model));
    this.channel = channel;
  }
}
