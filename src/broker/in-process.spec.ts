import { jest } from '@jest/globals';
import type { QueueItem } from '../acceptance/ports.js';
import type { BrokerEvent } from './broker.js';
import { openInProcess } from './in-process.js';
import { MAX_REJECTIONS } from './rejections.js';

const item = {
  deliveryId: 'd',
  messageId: 'm',
  epoch: 1,
  delivery: { kind: 'message', receiver: { participant: 'c_i804', system: 's' } },
} as QueueItem;

describe('the in-process broker', () => {
  it('gives up an item that its handler has rejected more than 20 times', async () => {
    const broker = openInProcess();
    let tries = 0;
    const buried = new Promise<BrokerEvent>((resolve) => broker.onEvent(resolve));
    const consumer = broker.consumer(async () => {
      tries += 1;
      throw new Error('never');
    });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    await consumer.consume([{ system: 's', concurrency: 1 }]);
    await broker.publisher.publish(item);
    await jest.advanceTimersByTimeAsync(200_000);
    jest.useRealTimers();
    expect(await buried).toEqual({ name: 'dead-letter', detail: { queue: 's', deliveryId: 'd', reason: 'never' } });
    expect(tries).toBe(MAX_REJECTIONS + 1);
    await broker.close();
  });

  it('has one consumer', async () => {
    const broker = openInProcess();
    broker.consumer(async () => undefined);
    expect(() => broker.consumer(async () => undefined)).toThrow('consumer already');
    await broker.close();
  });
});
