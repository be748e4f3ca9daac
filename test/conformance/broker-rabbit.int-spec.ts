import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { QueueItem } from '../../src/acceptance/ports.js';
import { encodeItem } from '../../src/broker/rabbit/item-codec.js';
import { freshSystem, gate, itemFor, Seen } from './broker-items.js';
import { openHeard, type Heard } from './rabbit-heard.js';
import { ownPlace, type Place } from '../support/services.js';

const LIMIT_MS = 90_000;

let place: Place;
let heard: Heard;
const open = () => openHeard(place.amqpUrl);

beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

describe('7: the rabbitmq broker alone', () => {
  let direct: ChannelModel;
  beforeEach(async () => {
    heard = await open();
    direct = await connect(place.amqpUrl, { noDelay: true });
    direct.on('error', () => undefined);
  });
  afterEach(async () => {
    await heard.broker.close();
    await direct.close().catch(() => undefined);
  });

  it(
    'confirms 100 awaited publishes in under 2 s (noDelay)',
    async () => {
      const system = freshSystem('delay');
      await heard.broker.publisher.publish(itemFor(system));
      const begun = Date.now();
      for (let i = 0; i < 100; i++) await heard.broker.publisher.publish(itemFor(system));
      expect(Date.now() - begun).toBeLessThan(2_000);
    },
    LIMIT_MS,
  );

  it(
    'keeps a window of many publishes and hands every one over',
    async () => {
      const system = freshSystem('window');
      const items = Array.from({ length: 3_000 }, () => itemFor(system));
      await Promise.all(items.map((item) => heard.broker.publisher.publish(item)));
      const seen = new Seen<string>();
      await heard.broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 50 }]);
      // RabbitMQ hands over again what was not confirmed on a connection that broke.
      const handed = await seen.until((all) => all.length >= 3_000 && new Set(all).size === 3_000);
      expect(new Set(handed)).toEqual(new Set(items.map((item) => item.deliveryId)));
    },
    LIMIT_MS,
  );

  it(
    'buries what it cannot read and goes on',
    async () => {
      const system = freshSystem('poison');
      const seen = new Seen<string>();
      await heard.broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 1 }]);
      const channel = await direct.createConfirmChannel();
      const junk = [Buffer.from('junk'), Buffer.from([9, 0, 0, 0, 0, 0]), Buffer.from([1, 0, 0, 0, 0, 2, 123, 125])];
      for (const body of junk) channel.publish('crocevia.messages', `message.${system}`, body, { messageId: 'junk' });
      await channel.waitForConfirms();
      const item = itemFor(system);
      await heard.broker.publisher.publish(item);
      expect(await seen.count(1)).toEqual([item.deliveryId]);
      expect(heard.events.values.filter((event) => event.name === 'dead-letter')).toHaveLength(3);
      const buried = new Seen<ConsumeMessage>();
      await channel.consume('crocevia.dead-letters', (message) => buried.add(message!), { noAck: true });
      expect((await buried.count(3)).map((message) => message.content)).toEqual(junk);
    },
    LIMIT_MS,
  );

  it(
    'tells of a queue that was deleted under it, declares it and goes on',
    async () => {
      const system = freshSystem('deleted');
      const seen = new Seen<string>();
      await heard.broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 2 }]);
      await heard.losses.until((all) => all.filter((lost) => lost === system).length === 1);
      const channel = await direct.createChannel();
      await channel.deleteQueue(`crocevia.system.${system}`);
      await heard.losses.until((all) => all.filter((lost) => lost === system).length === 2);
      const item = itemFor(system);
      await heard.broker.publisher.publish(item);
      expect(await seen.count(1)).toEqual([item.deliveryId]);
    },
    LIMIT_MS,
  );

  it(
    'sends on what reached no queue, declaring the queue first',
    async () => {
      const system = freshSystem('stray');
      const item = itemFor(system);
      const channel = await direct.createConfirmChannel();
      channel.publish('crocevia.messages', `message.${system}`, encodeItem(item), { persistent: true });
      await channel.waitForConfirms();
      await heard.happened('rerouted', ({ system: rerouted }) => rerouted === system);
      expect(heard.losses.values).toContain(system);
      const seen = new Seen<QueueItem>();
      await heard.broker.consumer(async (got) => seen.add(got)).consume([{ system, concurrency: 1 }]);
      expect(await seen.count(1)).toEqual([item]);
    },
    LIMIT_MS,
  );

  it(
    'rejects a publish that RabbitMQ returns, and declares the queue at the next one',
    async () => {
      const system = freshSystem('returned');
      const body = { bytes: Buffer.from('{}'), headers: { 'content-type': 'application/json', 'x-note': 'ciao' } };
      await heard.broker.systemQueue.put(system, itemFor(system), body);
      const channel = await direct.createChannel();
      await channel.deleteQueue(`crocevia.out.${system}`);
      const lost = heard.broker.systemQueue.put(system, itemFor(system), body);
      await expect(lost).rejects.toMatchObject({ code: 'destination-missing' });
      const item = itemFor(system);
      await heard.broker.systemQueue.put(system, item, body);
      expect(heard.taken.values.filter((one) => one === system)).toHaveLength(2);
      const got = await channel.get(`crocevia.out.${system}`, { noAck: true });
      expect(got).toMatchObject({
        content: body.bytes,
        properties: {
          messageId: item.deliveryId,
          correlationId: item.message.correlationId,
          type: 'notifica-variazione-anagrafica.notifica',
          contentType: 'application/json',
          headers: { 'x-note': 'ciao' },
          deliveryMode: 2,
        },
      });
    },
    LIMIT_MS,
  );

  it(
    'loses nothing when its process goes away midway',
    async () => {
      const system = freshSystem('midway');
      const hold = gate();
      const begun = new Seen<string>();
      await heard.broker
        .consumer(async (item) => (begun.add(item.deliveryId), hold.opened))
        .consume([{ system, concurrency: 3 }]);
      const items = Array.from({ length: 10 }, () => itemFor(system));
      for (const item of items) await heard.broker.publisher.publish(item);
      await begun.count(3);
      await heard.broker.close();
      heard = await open();
      const seen = new Seen<string>();
      await heard.broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 3 }]);
      expect(new Set(await seen.count(10))).toEqual(new Set(items.map((item) => item.deliveryId)));
      hold.open();
    },
    LIMIT_MS,
  );
});
