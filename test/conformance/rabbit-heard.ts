import type { Broker, BrokerEvent } from '../../src/broker/broker.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import { Seen } from './broker-items.js';

/** A broker over RabbitMQ and all that it has told since it was opened. */
export interface Heard {
  readonly broker: Broker;
  readonly events: Seen<BrokerEvent>;
  /** Systems whose queue was missing; null for the topology's own. */
  readonly losses: Seen<string | null>;
  /** Systems whose own queue to read from was missing. */
  readonly taken: Seen<string | null>;
  happened(name: BrokerEvent['name'], test?: (detail: BrokerEvent['detail']) => boolean): Promise<unknown>;
  connected(): Promise<unknown>;
}

export async function openHeard(url: string): Promise<Heard> {
  const broker = await openRabbit({ urls: [url], owner: 'conformance' });
  const events = new Seen<BrokerEvent>();
  const [losses, taken] = [new Seen<string | null>(), new Seen<string | null>()];
  broker.onEvent((event) => events.add(event));
  broker.onQueueLost(({ system, held }) => (held === 'queued' ? losses : taken).add(system));
  return {
    ...{ broker, events, losses, taken },
    happened: (name, test = () => true) =>
      events.until((all) => all.some((event) => event.name === name && test(event.detail))),
    connected: () => events.until(() => broker.state().connected),
  };
}
