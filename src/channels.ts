import type { Broker } from './broker/broker.js';
import { amqpQueueChannel } from './delivery/channels/amqp-queue.js';
import { boxChannel } from './delivery/channels/box.js';
import { endpointChannel } from './delivery/channels/endpoint.js';
import { pushChannel, PUSH_CONNECTIONS } from './delivery/channels/push.js';
import { createOutgoing, type OutgoingParts } from './delivery/outgoing.js';
import type { exchangeParts } from './exchanges.js';
import { outboundAgent, outboundRule } from './outbound/agent.js';
import type { Sources } from './queries.js';

type ChannelSources = Omit<Sources, 'written' | 'broker'> &
  Pick<ReturnType<typeof exchangeParts>, 'exchanges' | 'writeAnswer' | 'keep'> &
  Pick<OutgoingParts, 'protocols' | 'payloads'> & {
    readonly written: Omit<OutgoingParts, 'writeAnswer' | 'payloads'>;
    readonly broker: Broker;
  };

/** The ways out of the gateway, and who writes what goes there. */
export function channelParts(sources: ChannelSources) {
  const { config, written, codecs, broker, source, log, exchanges, writeAnswer, keep, protocols, payloads } = sources;
  const registry = () => source.current();
  const problem = log.problem('delivery');
  const outgoing = createOutgoing({ ...written, writeAnswer, payloads });
  const agent = outboundAgent({ ...PUSH_CONNECTIONS, ...outboundRule(config, log) });
  const push = pushChannel({ agent, outgoing, protocols, problem });
  const amqp = amqpQueueChannel({ outgoing, queue: broker.systemQueue, publicUrl: config.publicUrl, problem });
  const isAnswered = async (id: string) => (await exchanges.answersTo([id])).has(id);
  const endpoint = endpointChannel({ broker: broker.queries, keep, isAnswered, codecs, registry, problem });
  const channels = { 'push-soap': push, 'push-rest': push, 'amqp-queue': amqp, box: boxChannel(), endpoint };
  return { channels, push, outgoing };
}
