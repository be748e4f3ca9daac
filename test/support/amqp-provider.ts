import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import { inbox, loginUrl, type Grant, type Inbox } from './amqp-system.js';

export interface GivenAnswer {
  readonly body?: string | object;
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  /** What differs from a right answer. */
  readonly properties?: Options.Publish;
  readonly routingKey?: string;
}

/** A provider that consumes its own questions, logged in as its own RabbitMQ user. */
export interface AmqpProvider {
  readonly channel: ConfirmChannel;
  readonly questions: Inbox;
  /** The next question that has come and was not given before. */
  next(): Promise<ConsumeMessage>;
  /** Resolves on RabbitMQ's confirm. */
  answer(question: ConsumeMessage, given: GivenAnswer): Promise<void>;
  stop(): Promise<void>;
}

export async function login(rabbitUrl: string, grant: Grant): Promise<ChannelModel> {
  const connection = await connect(loginUrl(rabbitUrl, grant));
  connection.on('error', () => undefined);
  return connection;
}

export async function amqpProvider(rabbitUrl: string, grant: Grant): Promise<AmqpProvider> {
  const connection = await login(rabbitUrl, grant);
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  const questions = await inbox(channel, `crocevia.ask.${grant.system}`);
  const given = new Set<ConsumeMessage>();
  return {
    channel,
    questions,
    next: () => questions.next((one) => !given.has(one) && given.add(one).size > 0),
    answer: async ({ properties: { replyTo, correlationId } }, { body = '', routingKey, ...answer }) => {
      const isText = typeof body === 'string';
      channel.publish(
        'crocevia.answers',
        routingKey ?? String(replyTo),
        Buffer.from(isText ? body : JSON.stringify(body)),
        {
          userId: grant.username,
          correlationId: String(correlationId),
          ...(isText ? {} : { contentType: 'application/json' }),
          ...(answer.contentType && { contentType: answer.contentType }),
          headers: answer.headers ?? {},
          ...answer.properties,
        },
      );
      await channel.waitForConfirms();
    },
    stop: () => connection.close().catch(() => undefined),
  };
}
