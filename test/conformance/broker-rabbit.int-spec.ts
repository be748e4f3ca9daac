import { jest } from '@jest/globals';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { QueueItem } from '../../src/acceptance/ports.js';
import type { Submission } from '../../src/acceptance/submissions.js';
import type { Broker, BrokerEvent } from '../../src/broker/broker.js';
import { grantSystem } from '../../src/broker/rabbit/grants.js';
import { encodeItem } from '../../src/broker/rabbit/item-codec.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { freshSystem, gate, itemFor, Seen } from './broker-items.js';

const LIMIT_MS = 90_000;

let rabbit: Rabbit;
let broker: Broker;
let events: Seen<BrokerEvent>;
let losses: Seen<string | null>;

const open = async () => {
  const opened = await openRabbit({ urls: [rabbit.url], owner: 'conformance' });
  events = new Seen();
  losses = new Seen();
  opened.onEvent((event) => events.add(event));
  opened.onQueueLost((system) => losses.add(system));
  return opened;
};
const happened = (name: BrokerEvent['name'], test: (detail: BrokerEvent['detail']) => boolean = () => true) =>
  events.until((all) => all.some((event) => event.name === name && test(event.detail)));
const connected = () => events.until(() => broker.state().connected);

beforeAll(async () => {
  rabbit = await startRabbit();
}, 120_000);
afterAll(() => rabbit.stop(), 30_000);

describe('7: the rabbitmq broker alone', () => {
  let direct: ChannelModel;
  beforeEach(async () => {
    broker = await open();
    direct = await connect(rabbit.url, { noDelay: true });
    direct.on('error', () => undefined);
  });
  afterEach(async () => {
    await broker.close();
    await direct.close().catch(() => undefined);
  });

  it(
    'confirms 100 awaited publishes in under 2 s (noDelay)',
    async () => {
      const system = freshSystem('delay');
      await broker.publisher.publish(itemFor(system));
      const begun = Date.now();
      for (let i = 0; i < 100; i++) await broker.publisher.publish(itemFor(system));
      expect(Date.now() - begun).toBeLessThan(2_000);
    },
    LIMIT_MS,
  );

  it(
    'keeps a window of many publishes and hands every one over',
    async () => {
      const system = freshSystem('window');
      const items = Array.from({ length: 3_000 }, () => itemFor(system));
      await Promise.all(items.map((item) => broker.publisher.publish(item)));
      const seen = new Seen<string>();
      await broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 50 }]);
      // RabbitMQ hands over again what was not confirmed on a connection that broke.
      const handed = await seen.until((all) => all.length >= 3_000 && new Set(all).size === 3_000);
      expect(new Set(handed)).toEqual(new Set(items.map((item) => item.deliveryId)));
    },
    LIMIT_MS,
  );

  it(
    'parts two items that two processes have left without an answer',
    async () => {
      const system = freshSystem('parted');
      const items = [itemFor(system), itemFor(system)];
      await Promise.all(items.map((item) => broker.publisher.publish(item)));
      const begun = new Seen<number>();
      const begin = (never: Promise<void>) =>
        broker
          .consumer(async () => {
            begun.add(Date.now());
            await never;
          })
          .consume([{ system, concurrency: 2 }]);
      for (const left of [2, 4]) {
        await begin(new Promise(() => undefined));
        await begun.until((all) => all.length === left);
        await broker.close();
        broker = await open();
      }
      let turn = 0;
      jest.spyOn(Math, 'random').mockImplementation(() => ((turn += 1) % 2 === 0 ? 0.1 : 0.9));
      try {
        await begin(Promise.resolve());
        const times = (await begun.until((all) => all.length === 6)).slice(4);
        expect(times[1]! - times[0]!).toBeGreaterThan(500);
      } finally {
        jest.restoreAllMocks();
      }
    },
    LIMIT_MS,
  );

  it(
    'buries what it cannot read and goes on',
    async () => {
      const system = freshSystem('poison');
      const seen = new Seen<string>();
      await broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 1 }]);
      const channel = await direct.createConfirmChannel();
      const junk = [Buffer.from('junk'), Buffer.from([9, 0, 0, 0, 0, 0]), Buffer.from([1, 0, 0, 0, 0, 2, 123, 125])];
      for (const body of junk) channel.publish('crocevia.messages', `message.${system}`, body, { messageId: 'junk' });
      await channel.waitForConfirms();
      const item = itemFor(system);
      await broker.publisher.publish(item);
      expect(await seen.count(1)).toEqual([item.deliveryId]);
      expect(events.values.filter((event) => event.name === 'dead-letter')).toHaveLength(3);
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
      await broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 2 }]);
      await losses.until((all) => all.filter((lost) => lost === system).length === 1);
      const channel = await direct.createChannel();
      await channel.deleteQueue(`crocevia.system.${system}`);
      await losses.until((all) => all.filter((lost) => lost === system).length === 2);
      const item = itemFor(system);
      await broker.publisher.publish(item);
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
      await happened('rerouted', ({ system: rerouted }) => rerouted === system);
      expect(losses.values).toContain(system);
      const seen = new Seen<QueueItem>();
      await broker.consumer(async (got) => seen.add(got)).consume([{ system, concurrency: 1 }]);
      expect(await seen.count(1)).toEqual([item]);
    },
    LIMIT_MS,
  );

  it(
    'rejects a publish that RabbitMQ returns, and declares the queue at the next one',
    async () => {
      const system = freshSystem('returned');
      const body = { bytes: Buffer.from('{}'), headers: { 'content-type': 'application/json', 'x-note': 'ciao' } };
      await broker.systemQueue.put(system, itemFor(system), body);
      const channel = await direct.createChannel();
      await channel.deleteQueue(`crocevia.out.${system}`);
      const lost = broker.systemQueue.put(system, itemFor(system), body);
      await expect(lost).rejects.toMatchObject({ code: 'destination-missing' });
      const item = itemFor(system);
      await broker.systemQueue.put(system, item, body);
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
      await broker
        .consumer(async (item) => (begun.add(item.deliveryId), hold.opened))
        .consume([{ system, concurrency: 3 }]);
      const items = Array.from({ length: 10 }, () => itemFor(system));
      for (const item of items) await broker.publisher.publish(item);
      await begun.count(3);
      await broker.close();
      broker = await open();
      const seen = new Seen<string>();
      await broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 3 }]);
      expect(new Set(await seen.count(10))).toEqual(new Set(items.map((item) => item.deliveryId)));
      hold.open();
    },
    LIMIT_MS,
  );

  it(
    'says that it is blocked by an alarm, and publishes once it is over',
    async () => {
      const system = freshSystem('blocked');
      await broker.publisher.publish(itemFor(system));
      await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '50MB');
      const waiting = broker.publisher.publish(itemFor(system));
      await happened('blocked');
      expect(broker.state()).toEqual({ connected: true, blocked: expect.stringContaining('memory') as string });
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
      await waiting;
      expect(broker.state().blocked).toBeNull();
      expect(events.values.map((event) => event.name)).toContain('unblocked');
    },
    LIMIT_MS,
  );

  it(
    'rejects a publish that an alarm holds for more than 10 s',
    async () => {
      const system = freshSystem('timeout');
      await broker.publisher.publish(itemFor(system));
      await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '50MB');
      const begun = Date.now();
      await expect(broker.publisher.publish(itemFor(system))).rejects.toMatchObject({ code: 'overloaded' });
      expect(Date.now() - begun).toBeLessThan(12_000);
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
      await broker.publisher.publish(itemFor(system));
    },
    LIMIT_MS,
  );
});

describe('7: systems that speak AMQP', () => {
  beforeEach(async () => {
    broker = await open();
  });
  afterEach(() => broker.close());

  /** A connection as the system's own RabbitMQ user. */
  const as = async (username: string): Promise<ChannelModel> => {
    const url = new URL(rabbit.url);
    url.username = username;
    url.password = 'segreto';
    const model = await connect(url.toString(), { noDelay: true });
    model.on('error', () => undefined);
    return model;
  };
  const grant = (system: string) =>
    grantSystem(rabbit.managementUrl, { system, username: `utente-${system}`, password: 'segreto' });
  const receive = async (model: ChannelModel, queue: string) => {
    const seen = new Seen<ConsumeMessage>();
    const channel = await model.createChannel();
    await channel.consume(queue, (message) => seen.add(message!), { noAck: true });
    return seen;
  };

  it(
    'answers a submission with what the handler says, and passes on who sent it',
    async () => {
      const system = freshSystem('tributi');
      const username = `utente-${system}`;
      await grant(system);
      const submissions = new Seen<Submission>();
      broker.submissions!.start(async (submission) => {
        submissions.add(submission);
        if (submissions.values.length === 1) throw new Error('the ledger is away');
        return {
          body: Buffer.from('presa in carico'),
          headers: { 'content-type': 'text/plain', 'x-crocevia-id': '42' },
        };
      });
      await broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const replies = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createConfirmChannel();
      const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
      const headers = { 'X-Servizio': 'anagrafe' };
      const options = { userId: username, messageId: 'm-1', type: 'notifica', priority: 0, headers };
      channel.publish('crocevia.submissions', system, bytes, { ...options, contentType: 'application/json' });
      const [reply] = await replies.count(1);
      expect(reply).toMatchObject({
        content: Buffer.from('presa in carico'),
        properties: { correlationId: 'm-1', contentType: 'text/plain', headers: { 'x-crocevia-id': '42' } },
      });
      expect(submissions.values).toHaveLength(2);
      expect(submissions.values[1]).toEqual({
        system,
        username,
        priority: null,
        headers: { 'x-servizio': 'anagrafe' },
        contentType: 'application/json',
        body: bytes,
        messageId: 'm-1',
        correlationId: null,
        type: 'notifica',
        replyTo: null,
      });
      await model.close();
    },
    LIMIT_MS,
  );

  it(
    'refuses a submission without user_id, or of another user, with a reply',
    async () => {
      const system = freshSystem('anonimo');
      const username = `utente-${system}`;
      await grant(system);
      const submissions = new Seen<Submission>();
      broker.submissions!.start(async (submission) => {
        submissions.add(submission);
        return { body: Buffer.alloc(0), headers: {} };
      });
      await broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const replies = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createChannel();
      channel.publish('crocevia.submissions', system, Buffer.from('x'), { messageId: 'm-2' });
      await replies.count(1);
      const operator = await connect(rabbit.url);
      const other = await operator.createChannel();
      other.publish('crocevia.submissions', system, Buffer.from('x'), { messageId: 'm-3', userId: 'guest' });
      const answers = await replies.count(2);
      expect(answers.map((answer) => JSON.parse(answer.content.toString()).code)).toEqual([
        'credentials-missing',
        'sender-mismatch',
      ]);
      expect(submissions.values).toEqual([]);
      await Promise.all([model.close(), operator.close()]);
    },
    LIMIT_MS,
  );

  it(
    'answers to a direct reply-to, and never to a queue that is not the sender’s own',
    async () => {
      const system = freshSystem('risposte');
      const username = `utente-${system}`;
      await grant(system);
      broker.submissions!.start(async ({ messageId }) => ({ body: Buffer.from(`a ${messageId}`), headers: {} }));
      await broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const own = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createChannel();
      const direct = new Seen<string>();
      const take = (message: ConsumeMessage | null) => direct.add(message!.content.toString());
      await channel.consume('amq.rabbitmq.reply-to', take, { noAck: true });
      const submit = (messageId: string, replyTo: string) =>
        channel.publish('crocevia.submissions', system, Buffer.from('x'), { userId: username, messageId, replyTo });
      submit('1', 'amq.rabbitmq.reply-to');
      expect(await direct.count(1)).toEqual(['a 1']);
      submit('2', 'crocevia.dead-letters');
      const [second] = await own.count(1);
      expect(second?.content.toString()).toBe('a 2');
      await model.close();
    },
    LIMIT_MS,
  );

  it(
    'grants a system its own queues and nobody else’s',
    async () => {
      const [one, two] = [freshSystem('uno'), freshSystem('due')];
      await grant(one);
      await grant(two);
      const model = await as(`utente-${one}`);
      const refused = async (
        work: (channel: Awaited<ReturnType<ChannelModel['createChannel']>>) => Promise<unknown>,
      ) => {
        const channel = await model.createConfirmChannel();
        const closed = new Promise<{ code?: number }>((resolve) => channel.once('error', resolve));
        await Promise.all([work(channel).catch(() => undefined), closed]);
        return (await closed).code;
      };
      const publish = (exchange: string, key: string, options = {}) =>
        refused(async (channel) => channel.publish(exchange, key, Buffer.from('x'), options));
      expect(await publish('crocevia.submissions', two)).toBe(403);
      expect(await publish('', `crocevia.system.${two}`)).toBe(403);
      expect(await publish('crocevia.messages', `message.${two}`)).toBe(403);
      expect(await publish('crocevia.submissions', one, { userId: `utente-${two}` })).toBe(406);
      expect(await refused((channel) => channel.get(`crocevia.out.${two}`))).toBe(403);
      expect(await refused((channel) => channel.get(`crocevia.reply.${two}`))).toBe(403);
      expect(await refused((channel) => channel.get(`crocevia.submit.${one}`))).toBe(403);
      expect(await refused((channel) => channel.assertQueue('mia'))).toBe(403);
      const allowed = await model.createConfirmChannel();
      allowed.publish('crocevia.submissions', one, Buffer.from('x'), { userId: `utente-${one}` });
      await allowed.waitForConfirms();
      expect(await allowed.get(`crocevia.out.${one}`)).toBe(false);
      await model.close();
    },
    LIMIT_MS,
  );

  it('says that the management API refused or is away', async () => {
    const one = { system: 'x', username: 'x', password: 'x' };
    const wrong = rabbit.managementUrl.replace('guest:guest', 'guest:wrong');
    await expect(grantSystem(wrong, one)).rejects.toMatchObject({ code: 'receiver-refused' });
    await expect(grantSystem('http://a:b@127.0.0.1:9', one)).rejects.toMatchObject({ code: 'receiver-unreachable' });
  });
});

describe('7: RabbitMQ away', () => {
  afterEach(() => broker.close());

  it(
    'loses no confirmed message over a kill -9 and a restart',
    async () => {
      broker = await open();
      const system = freshSystem('kill');
      const traffic = new Traffic(broker, system);
      await broker.consumer((item) => traffic.arrive(item)).consume([{ system, concurrency: 50 }]);
      const ended = traffic.run(20);
      // RabbitMQ 3.10.8 leaves a quorum queue without a leader for good when it is killed in the second that made it.
      await traffic.arrived.count(5_000);
      await rabbit.kill9();
      await rabbit.restart();
      await connected();
      await traffic.arrived.count(traffic.arrived.values.length + 500);
      traffic.stop();
      await ended;
      await traffic.arrived.until(() => traffic.missing.size === 0);
      expect(traffic.confirmed).toBeGreaterThan(5_000);
      expect(losses.values.filter((lost) => lost === system)).toHaveLength(1);
    },
    LIMIT_MS * 2,
  );

  it(
    'tells of every queue when the whole broker was wiped, and goes on',
    async () => {
      broker = await open();
      const [one, two] = [freshSystem('uno'), freshSystem('due')];
      const seen = new Seen<string>();
      const consumer = broker.consumer(async (item) => seen.add(item.deliveryId));
      await consumer.consume([one, two].map((system) => ({ system, concurrency: 2 })));
      const known = losses.values.length;
      await rabbit.wipe();
      await losses.until((all) => all.length > known);
      await connected();
      expect(losses.values.slice(known)).toEqual([null, one, two]);
      const items = [itemFor(one), itemFor(two)];
      for (const item of items) await broker.publisher.publish(item);
      expect(new Set(await seen.count(2))).toEqual(new Set(items.map((item) => item.deliveryId)));
    },
    LIMIT_MS * 2,
  );

  it(
    'opens while RabbitMQ is down, refuses publishes, and works when it comes',
    async () => {
      await rabbit.kill9();
      broker = await open();
      expect(broker.state()).toEqual({ connected: false, blocked: null });
      const system = freshSystem('later');
      const seen = new Seen<string>();
      await broker.consumer(async (item) => seen.add(item.deliveryId)).consume([{ system, concurrency: 1 }]);
      await expect(broker.publisher.publish(itemFor(system))).rejects.toMatchObject({ code: 'overloaded' });
      await rabbit.restart();
      await connected();
      const item = itemFor(system);
      await broker.publisher.publish(item);
      expect(await seen.count(1)).toEqual([item.deliveryId]);
    },
    LIMIT_MS * 2,
  );

  it('closes at once while it is trying to connect', async () => {
    broker = await openRabbit({ urls: ['amqp://127.0.0.1:9'], owner: 'conformance' });
    await broker.drain();
    await broker.close();
    expect(broker.state().connected).toBe(false);
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
      if (!wasConfirmed) await connected();
      else if (!this.seen.has(item.deliveryId)) this.missing.add(item.deliveryId);
      if (wasConfirmed) this.confirmed += 1;
    }
  }
}
