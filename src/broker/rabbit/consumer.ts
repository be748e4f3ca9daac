import type { ConsumeMessage } from 'amqplib';
import type { QueueItem } from '../../acceptance/ports.js';
import type { ItemHandler } from '../../delivery/ports.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { backOff, Rejections } from '../rejections.js';
import type { Declarations } from './declarations.js';
import { deliveryCount, type MessageHandler, type Verdict } from './intake.js';
import { decodeItem } from './item-codec.js';
import type { RabbitPublisher } from './publisher.js';
import { systemQueue, type QueueSpec } from './topology.js';

/** Hands each queue item to the handler; what cannot be read is dead-lettered, as is what is rejected too often. */
export function itemIntake(handler: ItemHandler, listeners: Listeners): MessageHandler {
  const rejections = new Rejections();
  const bury = (queue: QueueSpec, deliveryId: string, error: unknown): Verdict => {
    listeners.emit('dead-letter', { queue: queue.name, deliveryId, reason: reasonOf(error) });
    return 'dead';
  };
  return async (queue, message, called) => {
    const item = decoded(message);
    if (item instanceof Error) return bury(queue, String(message.properties.messageId), item);
    const key = `${item.deliveryId} ${item.epoch}`;
    try {
      await handler(item, called);
      rejections.forget(key);
      return 'ack';
    } catch (error) {
      const delay = rejections.note(key, error);
      return delay === null ? bury(queue, item.deliveryId, error) : { againAfterMs: delay };
    }
  };
}

/**
 * Items that reached no queue, because the system's own was deleted a moment before: the queue is declared anew (which
 * tells of its loss) and the item sent on. Its copy in the ledger's window may come too and is dropped as stale.
 */
export function unroutableIntake(
  publisher: RabbitPublisher,
  declarations: Declarations,
  listeners: Listeners,
): MessageHandler {
  return async (queue, message) => {
    const item = decoded(message);
    if (item instanceof Error) {
      listeners.emit('dead-letter', { queue: queue.name, deliveryId: null, reason: item.message });
      return 'dead';
    }
    const { system } = item.delivery.receiver;
    try {
      declarations.doubt(systemQueue(system).name);
      await publisher.publish(item);
      listeners.emit('rerouted', { system });
      return 'ack';
    } catch (error) {
      listeners.emit('problem', { what: `reroute to ${system}`, reason: reasonOf(error) });
      return { againAfterMs: backOff(1 + deliveryCount(message)) };
    }
  };
}

function decoded(message: ConsumeMessage): QueueItem | Error {
  try {
    return decodeItem(message.content);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
