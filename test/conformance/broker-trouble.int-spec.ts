import type { QueueItem } from '../../src/acceptance/ports.js';
import type { Broker } from '../../src/broker/broker.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { freshSystem, itemFor, Seen } from './broker-items.js';
import { openHeard, type Heard } from './rabbit-heard.js';

const LIMIT_MS = 90_000;

let rabbit: Rabbit;
let heard: Heard;
const open = () => openHeard(rabbit.url);

beforeAll(async () => {
  rabbit = await startRabbit();
}, 120_000);
afterAll(() => rabbit.stop(), 30_000);

describe('7: an alarm of RabbitMQ', () => {
  beforeEach(async () => {
    heard = await open();
  });
  afterEach(() => heard.broker.close());

  it(
    'says that it is blocked by an alarm, and publishes once it is over',
    async () => {
      const system = freshSystem('blocked');
      await heard.broker.publisher.publish(itemFor(system));
      await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '50MB');
      const waiting = heard.broker.publisher.publish(itemFor(system));
      await heard.happened('blocked');
      expect(heard.broker.state()).toEqual({ connected: true, blocked: expect.stringContaining('memory') as string });
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
      await waiting;
      expect(heard.broker.state().blocked).toBeNull();
      expect(heard.events.values.map((event) => event.name)).toContain('unblocked');
    },
    LIMIT_MS,
  );

  it(
    'rejects a publish that an alarm holds for more than 10 s',
    async () => {
      const system = freshSystem('timeout');
      await heard.broker.publisher.publish(itemFor(system));
      await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '50MB');
      const begun = Date.now();
      await expect(heard.broker.publisher.publish(itemFor(system))).rejects.toMatchObject({ code: 'overloaded' });
      expect(Date.now() - begun).toBeLessThan(12_000);
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
      await heard.broker.publisher.publish(itemFor(system));
    },
    LIMIT_MS,
  );
});

describe('7: RabbitMQ away', () => {
  afterEach(() => heard.broker.close());

  it(
    'loses no confirmed message over a kill -9 and a restart',
    async () => {
      heard = await open();
      const system = freshSystem('kill');
      const traffic = new Traffic(heard.broker, system);
      await heard.broker.consumer((item) => traffic.arrive(item)).consume([{ system, concurrency: 50 }]);
      const ended = traffic.run(20);
      // RabbitMQ 3.10.8 leaves a quorum queue without a leader for good when it is killed in the second that made it.
      await traffic.arrived.count(5_000);
      await rabbit.kill9();
      await rabbit.restart();
      await heard.connected();
      await traffic.arrived.count(traffic.arrived.values.length + 500);
      traffic.stop();
      await ended;
      await traffic.arrived.until(() => traffic.missing.size === 0);
      expect(traffic.confirmed).toBeGreaterThan(5_000);
      expect(heard.losses.values.filter((lost) => lost === system)).toHaveLength(1);
    },
    LIMIT_MS * 2,
  );

  it(
    'tells of every queue when the whole broker was wiped, and goes on',
    async () => {
      heard = await open();
      const [one, two] = [freshSystem('uno'), freshSystem('due')];
      const seen = new Seen<string>();
      const consumer = heard.broker.consumer(async (item) => seen.add(item.deliveryId));
      await consumer.consume([one, two].map((system) => ({ system, concurrency: 2 })));
      const known = heard.losses.values.length;
      await rabbit.wipe();
      await heard.losses.until((all) => all.length > known);
      await heard.connected();
      expect(heard.losses.values.slice(known)).toEqual([null, one, two]);
      const items = [itemFor(one), itemFor(two)];
      for (const item of items) await heard.broker.publisher.publish(item);
      expect(new Set(await seen.count(2))).toEqual(new Set(items.map((item) => item.deliveryId)));
    },
    LIMIT_MS * 2,
  );

  it(
    'opens while RabbitMQ is down, refuses publishes, and works when it comes',
    async () => {
      await rabbit.kill9();
      heard = await open();
      expect(heard.broker.state()).toEqual({ connected: false, blocked: null });
      const system = freshSystem('later');
      const seen = new Seen<string>();
      await heard.broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 1 }]);
      await expect(heard.broker.publisher.publish(itemFor(system))).rejects.toMatchObject({ code: 'overloaded' });
      await rabbit.restart();
      await heard.connected();
      const item = itemFor(system);
      await heard.broker.publisher.publish(item);
      expect(await seen.count(1)).toEqual([item.deliveryId]);
    },
    LIMIT_MS * 2,
  );

  it('closes at once while it is trying to connect', async () => {
    heard = await openHeard('amqp://127.0.0.1:9');
    await heard.broker.drain();
    await heard.broker.close();
    expect(heard.broker.state().connected).toBe(false);
  }, 10_000);
});

/** Publishers that go on through an outage, and what was confirmed but has not arrived. */
class Traffic {
  readonly arrived = new Seen<string>();
  readonly missing = new Set<string>();
  confirmed = 0;
  private readonly seen = new Set<string>();
  private isStopped = false;

  constructor(
    private readonly through: Broker,
    private readonly system: string,
  ) {}

  async arrive({ deliveryId }: QueueItem): Promise<void> {
    this.seen.add(deliveryId);
    this.missing.delete(deliveryId);
    this.arrived.add(deliveryId);
  }

  async run(publishers: number): Promise<void> {
    await Promise.all(Array.from({ length: publishers }, () => this.publishOn()));
  }

  stop(): void {
    this.isStopped = true;
  }

  private async publishOn(): Promise<void> {
    while (!this.isStopped) {
      const item = itemFor(this.system);
      const wasConfirmed = await this.through.publisher.publish(item).then(
        () => true,
        () => false,
      );
      if (!wasConfirmed) await heard.connected();
      else if (!this.seen.has(item.deliveryId)) this.missing.add(item.deliveryId);
      if (wasConfirmed) this.confirmed += 1;
    }
  }
}
