import type { Publisher, QueueItem } from '../../acceptance/ports.js';
import type { SystemQueue } from '../../delivery/ports.js';
import type { Declarations } from './declarations.js';
import { encodeItem, ITEM_CONTENT_TYPE } from './item-codec.js';
import { isReturned, type Outgoing, type PublishWindow } from './outgoing.js';
import { itemKey, MESSAGES, receivingQueue, systemQueue, type QueueSpec } from './topology.js';

/** Publishes once the receiving queue is known to exist. Faults: see {@link PublishWindow}. */
export class RabbitPublisher implements Publisher, SystemQueue {
  constructor(
    private readonly window: PublishWindow,
    private readonly declarations: Declarations,
  ) {}

  async publish(item: QueueItem): Promise<void> {
    const { kind, receiver } = item.delivery;
    await this.send(systemQueue(receiver.system), {
      exchange: MESSAGES,
      key: itemKey(kind, receiver.system),
      body: encodeItem(item),
      options: { messageId: item.deliveryId, contentType: ITEM_CONTENT_TYPE, type: kind },
    });
  }

  async put(...[system, item, body]: Parameters<SystemQueue['put']>): Promise<void> {
    const { 'content-type': contentType = 'application/octet-stream', ...headers } = body.headers;
    const { service, operation, correlationId } = item.message;
    const type = `${service}.${operation}`;
    await this.toQueue(receivingQueue(system), body.bytes, {
      messageId: item.deliveryId,
      correlationId,
      type,
      contentType,
      headers,
    });
  }

  /** Past every exchange, straight into one queue (AMQP 0-9-1 §3.1.3.1, the default exchange). */
  async toQueue(queue: QueueSpec, body: Buffer, options: Outgoing['options']): Promise<void> {
    await this.send(queue, { exchange: '', key: queue.name, body, options });
  }

  private async send(queue: QueueSpec, message: Outgoing): Promise<void> {
    await this.declarations.ensure(queue);
    try {
      await this.window.send(message);
    } catch (error) {
      if (isReturned(error)) this.declarations.doubt(queue.name);
      throw error;
    }
  }
}
