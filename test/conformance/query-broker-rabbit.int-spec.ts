import { jest } from '@jest/globals';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { Broker, BrokerEvent } from '../../src/broker/broker.js';
import { encodeQuestion } from '../../src/broker/rabbit/query-codec.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import type { LateAnswer, QueryHandler, QueryItem, QueryOutcome } from '../../src/query/ports.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { freshSystem, Seen } from './broker-items.js';
import { answer, echo, HeldHandler, patient, questionFor } from './query-items.js';

const LIMIT_MS = 90_000;

/** A gateway process: its broker and what the broker told. */
interface Process {
  readonly broker: Broker;
  readonly events: Seen<BrokerEvent>;
  readonly late: Seen<LateAnswer>;
}

let rabbit: Rabbit;
let asker: Process;
let answerer: Process;
let direct: ChannelModel;

async function start(owner: string): Promise<Process> {
  const broker = await openRabbit({ urls: [rabbit.url], owner });
  const opened = { broker, events: new Seen<BrokerEvent>(), late: new Seen<LateAnswer>() };
  broker.onEvent((event) => opened.events.add(event));
  broker.queries.onLate((each) => opened.late.add(each));
  return opened;
}

const connected = ({ broker, events }: Process) => events.until(() => broker.state().connected);
const ask = (item: QueryItem) => asker.broker.queries.ask(item, patient());

/** Asks again until a question is taken: when the answering side is back is not told to this one. */
async function askUntilServed(system: string): Promise<QueryOutcome> {
  for (;;) {
    const outcome = await ask(questionFor(system)).catch(() => null);
    if (outcome !== null) return outcome;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeAll(async () => {
  rabbit = await startRabbit();
}, 120_000);
afterAll(() => rabbit.stop(), 30_000);

describe('1: questions between processes over rabbitmq', () => {
  beforeEach(async () => {
    [asker, answerer] = await Promise.all([start('asker'), start('answerer')]);
    direct = await connect(rabbit.url, { noDelay: true });
    direct.on('error', () => undefined);
  });
  afterEach(async () => {
    await Promise.all([asker.broker.close(), answerer.broker.close()]);
    await direct.close().catch(() => undefined);
  });

  it(
    '1: brings a question to another process and its answer back',
    async () => {
      const system = freshSystem('far');
      await answerer.broker.queries.server(echo).serve([{ system, concurrency: 4, waiting: 20 }]);
      const asked = Array.from({ length: 20 }, (_, i) => questionFor(system, { content: Buffer.from(`${i}`) }));
      const outcomes = await Promise.all(asked.map(ask));
      const bodies = outcomes.map((outcome) => outcome.kind === 'answered' && outcome.body.toString());
      expect(bodies).toEqual(asked.map((_, i) => `${i}`));
    },
    LIMIT_MS,
  );

  it.each([-300_000, 300_000])(
    '1: is answered by a process whose clock is %i ms off, in the time that the consumer gave',
    async (off) => {
      const system = freshSystem('clock');
      const left: number[] = [];
      const timed: QueryHandler = async (item) => {
        left.push(item.deadline.getTime() - Date.now());
        return answer(item.content);
      };
      await answerer.broker.queries.server(timed).serve([{ system, concurrency: 1, waiting: 5 }]);
      await askUntilServed(system);
      const now = Date.now;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - off);
      const asked = ask(questionFor(system, { ms: 20_000 }));
      clock.mockRestore();
      const outcome = await asked;
      expect([outcome.kind, outcome.timing.queued < 10_000]).toEqual(['answered', true]);
      expect(Math.abs(left.at(-1)! - 20_000)).toBeLessThan(10_000);
    },
    LIMIT_MS,
  );

  it(
    '1: tells the answering process of an answer for a process that is gone',
    async () => {
      const system = freshSystem('orphan');
      const held = new HeldHandler();
      await answerer.broker.queries.server(held.handle).serve([{ system, concurrency: 1, waiting: 5 }]);
      const item = questionFor(system, { content: Buffer.from('chi?') });
      const asked = ask(item);
      const stopping = expect(asked).rejects.toMatchObject({ code: 'stopping' });
      await held.begun.count(1);
      await asker.broker.close();
      await stopping;
      held.release();
      const [told] = await answerer.late.count(1);
      expect(told).toMatchObject({ id: item.message.id, outcome: { kind: 'answered', body: Buffer.from('chi?') } });
      expect(asker.late.values).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    '1: rejects what waits when the connection breaks, and works again after it, each question handed out once',
    async () => {
      const system = freshSystem('broken');
      const held = new HeldHandler();
      await answerer.broker.queries.server(held.handle).serve([{ system, concurrency: 2, waiting: 20 }]);
      const items = Array.from({ length: 6 }, () => questionFor(system));
      const asked = items.map((item) => ask(item).catch((error: unknown) => error));
      await held.begun.count(2);
      await rabbit.ctl('close_all_connections', 'test');
      for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: 'broker-unavailable' });
      await Promise.all([connected(asker), connected(answerer)]);
      held.release();
      const again = questionFor(system);
      await answerer.broker.queries.ask(again, patient());
      expect((await ask(questionFor(system))).kind).toBe('answered');
      expect(new Set(held.ids).size).toBe(held.ids.length);
      expect(held.ids).toEqual(expect.arrayContaining([again.message.id, items[0]!.message.id]));
      // Their reply queue went with the connection.
      expect((await answerer.late.count(2)).map(({ id }) => id)).toEqual(
        expect.arrayContaining([items[0]!.message.id]),
      );
    },
    LIMIT_MS,
  );

  it(
    '1: drops a question that is offered again, and what it cannot read or has no reply queue',
    async () => {
      const system = freshSystem('again');
      const held = new HeldHandler();
      held.release();
      const queue = `crocevia.query.${system}`;
      const item = questionFor(system);
      const body = encodeQuestion({ item, askedAt: Date.now() });
      const server = answerer.broker.queries.server(held.handle);
      await server.serve([{ system, concurrency: 1, waiting: 20 }]);
      // Two messages in a queue that this test consumes alone, returned and so flagged as offered again.
      const channel = await direct.createConfirmChannel();
      const taken = new Seen<ConsumeMessage>();
      const { consumerTag } = await channel.consume(queue, (message) => taken.add(message!));
      await server.serve([]);
      channel.publish('', queue, body, { replyTo: 'crocevia.replies.x', messageId: item.message.id });
      await taken.count(1);
      await server.serve([{ system, concurrency: 1, waiting: 20 }]);
      await channel.cancel(consumerTag);
      channel.nack(taken.values[0]!);
      channel.publish('', queue, Buffer.from('junk'), { replyTo: 'crocevia.replies.x' });
      channel.publish('', queue, body, { replyTo: 'crocevia.out.x' });
      const dead = await answerer.events.until((all) => all.filter(({ name }) => name === 'dead-letter').length === 3);
      const reasons = dead.filter(({ name }) => name === 'dead-letter').map(({ detail }) => detail.reason);
      expect(reasons.sort()).toEqual([
        '4 bytes are no question and no outcome',
        'it names no reply queue',
        'it was offered again',
      ]);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      expect(held.ids).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    '1: changes the bound of a queue, and says so where another node holds it to the old one',
    async () => {
      const system = freshSystem('rebound');
      const depth = async () =>
        (await rabbit.ctl('list_queues', 'name', 'arguments'))
          .split('\n')
          .find((line) => line.includes(system))
          ?.match(/"x-max-length",(?:\w+,)?(\d+)/)?.[1];
      const server = answerer.broker.queries.server(echo);
      await server.serve([{ system, concurrency: 1, waiting: 5 }]);
      await server.serve([{ system, concurrency: 1, waiting: 7 }]);
      expect(await depth()).toBe('7');
      const other = asker.broker.queries.server(async () => answer(Buffer.from('other')));
      await other.serve([{ system, concurrency: 1, waiting: 9 }]);
      expect(asker.events.values.map(({ name }) => name)).toContain('topology-mismatch');
      expect(await depth()).toBe('7');
      expect((await ask(questionFor(system))).kind).toBe('answered');
    },
    LIMIT_MS,
  );

  it(
    '1: loses by another bound only what waits in the queue, which ends at its deadline',
    async () => {
      const system = freshSystem('midway');
      const held = new HeldHandler();
      const server = answerer.broker.queries.server(held.handle);
      await server.serve([{ system, concurrency: 1, waiting: 5 }]);
      // One in hand, one at the dispatcher; the third waits in RabbitMQ.
      const kept = [ask(questionFor(system))];
      await held.begun.count(1);
      kept.push(ask(questionFor(system)));
      const lost = ask(questionFor(system, { ms: 3_000 }));
      const timedOut = expect(lost).rejects.toMatchObject({ code: 'query-timeout' });
      // Ends only after what came before it lies in RabbitMQ.
      await Promise.all(Array.from({ length: 5 }, () => ask(questionFor(system, { ms: 100 })).catch(() => undefined)));
      await server.serve([{ system, concurrency: 1, waiting: 7 }]);
      held.release();
      expect((await Promise.all(kept)).map(({ kind }) => kind)).toEqual(['answered', 'answered']);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      await timedOut;
      expect(held.ids).toHaveLength(3);
    },
    LIMIT_MS,
  );

  it(
    '1: declares a queue anew that was deleted under it',
    async () => {
      const system = freshSystem('deleted');
      await answerer.broker.queries.server(echo).serve([{ system, concurrency: 1, waiting: 5 }]);
      const channel = await direct.createChannel();
      await channel.deleteQueue(`crocevia.query.${system}`);
      expect((await askUntilServed(system)).kind).toBe('answered');
    },
    LIMIT_MS,
  );

  it(
    '1: refuses at once while an alarm is on, and works when it is over',
    async () => {
      const system = freshSystem('alarm');
      await answerer.broker.queries.server(echo).serve([{ system, concurrency: 1, waiting: 5 }]);
      await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '50MB');
      for (let i = 0; i < 2; i++) {
        const begun = Date.now();
        await expect(ask(questionFor(system))).rejects.toMatchObject({ code: 'broker-unavailable' });
        expect(Date.now() - begun).toBeLessThan(200);
      }
      await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
      await asker.events.until((all) => all.some(({ name }) => name === 'unblocked'));
      expect((await ask(questionFor(system))).kind).toBe('answered');
    },
    LIMIT_MS,
  );

  it(
    '1: refuses at once while RabbitMQ is down, and works when it is back',
    async () => {
      const system = freshSystem('down');
      await answerer.broker.queries.server(echo).serve([{ system, concurrency: 1, waiting: 5 }]);
      await rabbit.kill9();
      await asker.events.until(() => !asker.broker.state().connected);
      let code: unknown = null;
      while (code !== 'broker-unavailable') {
        code = await ask(questionFor(system)).catch((error: unknown) => (error as { code?: string }).code);
      }
      await rabbit.restart();
      await Promise.all([connected(asker), connected(answerer)]);
      expect((await askUntilServed(system)).kind).toBe('answered');
    },
    LIMIT_MS * 2,
  );
});
