import { openInProcess } from '../../src/broker/in-process.js';
import type { Broker } from '../../src/broker/broker.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import type { QueueItem } from '../../src/acceptance/ports.js';
import { Fault } from '../../src/message/fault.js';
import { ownPlace, type Place } from '../support/services.js';
import { freshSystem, gate, itemFor, Seen } from './broker-items.js';

const LIMIT_MS = 60_000;

let place: Place;
beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

const KINDS = {
  'in-process': () => Promise.resolve(openInProcess()),
  rabbitmq: () => openRabbit({ urls: [place.amqpUrl], owner: 'conformance' }),
};

describe.each(Object.entries(KINDS))('7: the %s broker', (_kind, open) => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await open();
  });
  afterEach(() => broker.close());

  it(
    'hands over an item as it was published: bytes, dates, receipt, ids',
    async () => {
      const system = freshSystem('exact');
      const content = Buffer.from(Array.from({ length: 2048 }, (_, i) => (i * 7) % 256));
      const item = itemFor(system, { content });
      const receipt = itemFor(system, {
        delivery: { ...item.delivery, kind: 'receipt', agreement: null, receipt: longReceipt() },
      });
      const seen = new Seen<QueueItem>();
      const consumer = broker.consumer(async (got) => seen.add(got));
      await consumer.consume([{ system, concurrency: 1 }]);
      await broker.publisher.publish(item);
      await broker.publisher.publish(receipt);
      expect(await seen.count(2)).toEqual([item, receipt]);
    },
    LIMIT_MS,
  );

  it(
    'tells a claim check (null) from empty content',
    async () => {
      const system = freshSystem('claim');
      const seen = new Seen<QueueItem>();
      await broker.consumer(async (got) => seen.add(got)).consume([{ system, concurrency: 1 }]);
      await broker.publisher.publish(itemFor(system, { content: null }));
      await broker.publisher.publish(itemFor(system, { content: Buffer.alloc(0) }));
      const [claim, empty] = await seen.count(2);
      expect(claim?.content).toBeNull();
      expect(empty?.content).toEqual(Buffer.alloc(0));
    },
    LIMIT_MS,
  );

  it(
    'keeps what is published before anyone consumes, in order',
    async () => {
      const system = freshSystem('early');
      const items = Array.from({ length: 20 }, () => itemFor(system));
      for (const item of items) await broker.publisher.publish(item);
      const seen = new Seen<string>();
      await broker.consumer(async (got) => seen.add(got.deliveryId)).consume([{ system, concurrency: 1 }]);
      expect(await seen.count(20)).toEqual(items.map((item) => item.deliveryId));
    },
    LIMIT_MS,
  );

  it(
    'offers a rejected item again, after a while, until it is taken',
    async () => {
      const system = freshSystem('reject');
      const times = new Seen<number>();
      const consumer = broker.consumer(async () => {
        times.add(Date.now());
        if (times.values.length < 3) throw new Error('not yet');
      });
      await consumer.consume([{ system, concurrency: 1 }]);
      await broker.publisher.publish(itemFor(system));
      const [first, , third] = await times.count(3);
      // Back-off of at least half of 100 ms and half of 200 ms.
      expect(third! - first!).toBeGreaterThanOrEqual(145);
    },
    LIMIT_MS,
  );

  it(
    'hands over the next item when one is called, up to twice `concurrency` in all',
    async () => {
      const system = freshSystem('called');
      const running = new Tracker();
      const calls = new Seen<() => void>();
      const consumer = broker.consumer((item, called) => (calls.add(called), running.run(item.deliveryId)));
      await consumer.consume([{ system, concurrency: 2 }]);
      for (let i = 0; i < 6; i++) await broker.publisher.publish(itemFor(system));
      for (const called of [...(await calls.count(2))]) called();
      for (const called of [...(await calls.count(4))]) called();
      await running.started.count(4);
      expect(running.most).toBe(4);
      running.release(1);
      await running.started.count(5);
      expect(running.most).toBe(4);
      running.release(Infinity);
      await running.ended.count(6);
    },
    LIMIT_MS,
  );

  it(
    'runs at most `concurrency` items of a system at once, also when it is changed',
    async () => {
      const system = freshSystem('bound');
      const running = new Tracker();
      const consumer = broker.consumer((item) => running.run(item.deliveryId));
      await consumer.consume([{ system, concurrency: 3 }]);
      for (let i = 0; i < 12; i++) await broker.publisher.publish(itemFor(system));
      await running.started.count(3);
      await consumer.consume([{ system, concurrency: 1 }]);
      running.release(3);
      await running.started.count(4);
      expect(running.most).toBe(3);
      running.most = 0;
      running.release(4);
      await running.started.count(8);
      expect(running.most).toBe(1);
      await consumer.consume([{ system, concurrency: 4 }]);
      running.release(Infinity);
      await running.ended.count(12);
      expect(running.most).toBeLessThanOrEqual(4);
    },
    LIMIT_MS,
  );

  it(
    'lets no slow system hold up another',
    async () => {
      const slow = freshSystem('slow');
      const quick = freshSystem('quick');
      const hold = gate();
      const seen = new Seen<string>();
      const consumer = broker.consumer(async (item) => {
        if (item.delivery.receiver.system === slow) await hold.opened;
        seen.add(item.delivery.receiver.system);
      });
      await consumer.consume([slow, quick].map((system) => ({ system, concurrency: 2 })));
      for (let i = 0; i < 10; i++) await broker.publisher.publish(itemFor(slow));
      for (let i = 0; i < 10; i++) await broker.publisher.publish(itemFor(quick));
      expect(await seen.count(10)).toEqual(Array(10).fill(quick));
      hold.open();
      expect((await seen.count(20)).filter((system) => system === slow)).toHaveLength(10);
    },
    LIMIT_MS,
  );

  it(
    'adds and removes systems, and loses nothing of one that is removed midway',
    async () => {
      const system = freshSystem('away');
      const running = new Tracker();
      const consumer = broker.consumer((item) => running.run(item.deliveryId));
      await consumer.consume([{ system, concurrency: 2 }]);
      const items = Array.from({ length: 9 }, () => itemFor(system));
      for (const item of items) await broker.publisher.publish(item);
      await running.started.count(2);
      await consumer.consume([]);
      running.release(2);
      await running.ended.count(2);
      const other = freshSystem('other');
      await consumer.consume([{ system: other, concurrency: 1 }]);
      running.release(1);
      await broker.publisher.publish(itemFor(other));
      await running.ended.count(3);
      expect(running.started.values).toHaveLength(3);
      running.release(Infinity);
      await consumer.consume([{ system, concurrency: 2 }]);
      await running.ended.until((ended) => items.every((item) => ended.includes(item.deliveryId)));
      expect(running.ended.values).toHaveLength(10);
    },
    LIMIT_MS,
  );

  it(
    'drains: handlers that run may finish, nothing new begins',
    async () => {
      const system = freshSystem('drain');
      const running = new Tracker();
      await broker.consumer((item) => running.run(item.deliveryId)).consume([{ system, concurrency: 2 }]);
      for (let i = 0; i < 6; i++) await broker.publisher.publish(itemFor(system));
      await running.started.count(2);
      const order: string[] = [];
      const drained = broker.drain().then(() => order.push('drained'));
      running.ended
        .until((ended) => ended.length === 2)
        .then(
          () => order.push('finished'),
          () => order.push('failed'),
        );
      running.release(Infinity);
      await drained;
      expect(order).toEqual(['finished', 'drained']);
      expect(running.started.values).toHaveLength(2);
    },
    LIMIT_MS,
  );

  it('refuses publishes once it is closed', async () => {
    await broker.close();
    const error = await broker.publisher.publish(itemFor('closed')).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Fault);
  });
});

describe('7: the in-process broker alone', () => {
  it('has no AMQP queue for a system', async () => {
    const broker = openInProcess();
    const put = broker.systemQueue.put('x', itemFor('x'), { bytes: Buffer.from('x'), headers: {} });
    await expect(put).rejects.toMatchObject({ code: 'destination-missing' });
    expect(broker.submissions).toBeNull();
    await broker.close();
  });
});

/** Handlers that run until they are released, and how many ran at once. */
class Tracker {
  readonly started = new Seen<string>();
  readonly ended = new Seen<string>();
  most = 0;
  private now = 0;
  private tickets = 0;
  private readonly held: (() => void)[] = [];

  async run(id: string): Promise<void> {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    this.started.add(id);
    if (this.tickets > 0) this.tickets -= 1;
    else await new Promise<void>((resolve) => this.held.push(resolve));
    // A turn of the event loop, so that a second item that begins too early would be seen beside this one.
    await new Promise((resolve) => setImmediate(resolve));
    this.now -= 1;
    this.ended.add(id);
  }

  /** Lets the next `n` handlers end, those that run first. */
  release(n: number): void {
    const free = this.held.splice(0, n);
    this.tickets += n - free.length;
    for (const resolve of free) resolve();
  }
}

/** More than the 64 KiB that an AMQP header table may have. */
function longReceipt(): QueueItem['delivery']['receipt'] {
  const violation = {
    path: '/Envelope/Body/x'.repeat(60),
    line: 1,
    column: 9,
    rule: 'pattern',
    expected: '[A-Z]',
    found: 'è',
    message: 'no',
  };
  const fault = {
    code: 'schema-violation' as const,
    blame: 'sender' as const,
    retryable: false,
    detail: 'not valid',
    place: null,
    expected: null,
    violations: Array.from({ length: 100 }, () => violation),
    truncated: true,
  };
  const at = '2026-11-23T21:04:05.678Z';
  return { kind: 'refused', id: 'i', messageId: 'm', correlationId: 'c', receiver: 'c_i804', at, fault };
}
