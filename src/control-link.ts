import { ClientRMQ, ServerRMQ, type RmqOptions } from '@nestjs/microservices';
import type { AmqpConnectionManager, ChannelWrapper } from 'amqp-connection-manager';

/** Of amqplib, as the connection gives it to who makes a channel ready. */
type Channel = Parameters<Parameters<ChannelWrapper['addSetup']>[0]>[0];
type Options = NonNullable<RmqOptions['options']>;
type Problem = (error: unknown) => void;

/** Control events of this node: hints, sent to every node over RabbitMQ. */
export interface ControlParts {
  /** amqp(s)://..., the next one is tried when one fails. */
  readonly urls: readonly string[];
  readonly owner: string;
  readonly problem: Problem;
}

/** Every node listens on a queue of its own, bound to one fan-out exchange; it goes when the node goes. */
const optionsFor = ({ urls, owner }: Omit<ControlParts, 'problem'>): Options => ({
  urls: [...urls],
  exchange: 'crocevia.control',
  exchangeType: 'fanout',
  queue: `crocevia.control.${owner}`,
  queueOptions: { durable: true, arguments: { 'x-expires': 60_000 } },
  noAck: true,
});

export class ControlServer extends ServerRMQ {
  private readonly problem: Problem;

  constructor(parts: ControlParts) {
    super(optionsFor(parts));
    this.problem = parts.problem;
  }

  override async createClient<T>(): Promise<T> {
    return heard(await super.createClient<AmqpConnectionManager>(), this.problem) as T;
  }
}

/** Sends control events to every node. */
export class ControlClient extends ClientRMQ {
  private readonly problem: Problem;

  constructor(parts: ControlParts) {
    super(optionsFor({ ...parts, owner: 'client' }));
    this.problem = parts.problem;
  }

  override createClient(): AmqpConnectionManager {
    return heard(super.createClient() as AmqpConnectionManager, this.problem);
  }
}

type Setup = (made: Channel) => Promise<void>;

/**
 * Nest leaves two failures of a connection that ends while a channel is made ready without a listener, and Node ends the
 * process for either: the error of the channel, and the consumer that was refused. The channel is made anew with the next connection.
 */
function heard(manager: AmqpConnectionManager, problem: Problem): AmqpConnectionManager {
  const create = manager.createChannel.bind(manager);
  manager.createChannel = ({ setup, ...options } = {}): ChannelWrapper => {
    const made = async (channel: Channel) => (setup as Setup | undefined)?.(listened(channel, problem));
    return create({ ...options, setup: made }).on('error', problem);
  };
  return manager;
}

function listened(channel: Channel, problem: Problem): Channel {
  const consume = channel.consume.bind(channel);
  channel.consume = (...order) => {
    const begun = consume(...order);
    begun.catch(problem);
    return begun;
  };
  return channel;
}
