import type { Channel, ChannelModel } from 'amqplib';
import type { ServedSystem } from '../../query/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { queryQueue, queryQueueArguments } from './topology.js';

const PRECONDITION_FAILED = 406;

/**
 * Declares the queue of a system. RabbitMQ cannot change the bound of a queue that exists: with another `waiting` it is
 * deleted with what waits in it (which ends at its deadline) and declared anew; while another node still consumes it,
 * it is used as it is until the last of them has let it go.
 */
export async function declareQueryQueue(
  model: ChannelModel,
  served: ServedSystem,
  listeners: Listeners,
): Promise<void> {
  const queue = queryQueue(served.system);
  const options = { durable: true, arguments: queryQueueArguments(served.waiting) };
  const declare = () => apart(model, (channel) => channel.assertQueue(queue, options));
  if ((await declare()) === null) return;
  const inUse = await apart(model, (channel) => channel.deleteQueue(queue, { ifUnused: true }));
  const refused = inUse ?? (await declare());
  if (refused !== null) listeners.emit('topology-mismatch', { queue, reason: refused });
}

/** Where nobody serves the system any more and nothing waits, so that a question to it is refused at once. */
export async function deleteQueryQueue(model: ChannelModel, system: string): Promise<void> {
  await apart(model, (channel) => channel.deleteQueue(queryQueue(system), { ifUnused: true, ifEmpty: true }));
}

/** RabbitMQ closes the channel at a refusal, so it is one of its own. Gives the reason of a failed precondition, or null. */
async function apart(model: ChannelModel, work: (channel: Channel) => Promise<unknown>): Promise<string | null> {
  const channel = await model.createChannel();
  // The refused call rejects with the same error; without a listener the process would end.
  channel.on('error', () => undefined);
  try {
    await work(channel);
    await channel.close();
    return null;
  } catch (error) {
    if ((error as { code?: number } | null)?.code === PRECONDITION_FAILED) return reasonOf(error);
    throw error;
  }
}
