import { once } from 'node:events';
import { connect, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import { http } from './client.js';
import { ADMIN_TOKEN } from './gateway.js';

export interface Grant {
  readonly system: string;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
}

/** Asks the operators' API for the RabbitMQ user of a system, the first one where none is named. */
export async function grant(gatewayUrl: string, system: string, username?: string): Promise<Grant> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const which = username === undefined ? '' : `?username=${username}`;
  const answer = await http(`${gatewayUrl}/admin/broker/grants/${system}${which}`, { method: 'POST', headers });
  if (answer.status !== 201) throw new Error(`no grant for ${system}: ${answer.text}`);
  return answer.json<Grant>();
}

/** The address of a system's user at the server that `rabbitUrl` names. */
export function loginUrl(rabbitUrl: string, { username, password, vhost }: Grant): string {
  const { host } = new URL(rabbitUrl);
  return `amqp://${username}:${encodeURIComponent(password)}@${host}/${encodeURIComponent(vhost)}`;
}

/** What came out of a queue; resolves once something that matches has come. */
export interface Inbox {
  readonly messages: readonly ConsumeMessage[];
  next(match: (message: ConsumeMessage) => boolean): Promise<ConsumeMessage>;
}

/** A system that speaks AMQP, logged in as its own RabbitMQ user. */
export interface AmqpSystem {
  readonly replies: Inbox;
  readonly out: Inbox;
  /** Publishes to the submissions exchange; resolves on RabbitMQ's confirm, which is not acceptance. */
  submit(body: Buffer | string, properties: Options.Publish & { readonly routingKey?: string }): Promise<void>;
  /** Publishes and waits for the gateway's reply to that message id, the `nth` one. */
  ask(
    body: Buffer | string,
    properties: Options.Publish & { readonly messageId: string },
    nth?: number,
  ): Promise<ConsumeMessage>;
  /** The reason why RabbitMQ closes the channel on which something forbidden is done. */
  refusalOf(forbidden: (channel: ConfirmChannel) => unknown): Promise<string>;
  stop(): Promise<void>;
}

/** Logs in and consumes the system's own reply and out queues. `rabbitUrl` names the server; its user is replaced. */
export async function amqpSystem(rabbitUrl: string, own: Grant): Promise<AmqpSystem> {
  const { system, username } = own;
  const connection = await connect(loginUrl(rabbitUrl, own));
  // One that is lost is seen by what does not come; unheard, its error would end whatever runs in this process then.
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  const [replies, out] = await Promise.all([
    inbox(channel, `crocevia.reply.${system}`),
    inbox(channel, `crocevia.out.${system}`),
  ]);
  const submit: AmqpSystem['submit'] = async (body, { routingKey = system, ...properties }) => {
    channel.publish('crocevia.submissions', routingKey, Buffer.from(body), properties);
    await channel.waitForConfirms();
  };
  return {
    replies,
    out,
    submit,
    ask: async (body, properties, nth = 1) => {
      await submit(body, { userId: username, ...properties });
      let seen = 0;
      return replies.next((reply) => reply.properties.messageId === `reply:${properties.messageId}` && ++seen === nth);
    },
    refusalOf: async (forbidden) => {
      const doomed = await connection.createConfirmChannel();
      const refused = once(doomed, 'error').then(([error]) => (error as Error).message);
      await Promise.race([refused, Promise.resolve(forbidden(doomed)).catch(() => undefined)]);
      return refused;
    },
    stop: () => connection.close(),
  };
}

/** Acknowledges what comes. */
export async function inbox(channel: ConfirmChannel, queue: string): Promise<Inbox> {
  const messages: ConsumeMessage[] = [];
  const waiting = new Set<() => void>();
  await channel.consume(queue, (message) => {
    if (message === null) return;
    messages.push(message);
    channel.ack(message);
    for (const look of waiting) look();
  });
  return {
    messages,
    next: (match) =>
      new Promise((resolve) => {
        let from = 0;
        const look = () => {
          const found = messages.slice(from).find(match);
          from = messages.length;
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
