import { setTimeout as pause } from 'node:timers/promises';
import type { Broker } from '../../src/broker/broker.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import type { LateAnswer, QueryHandler, QueryItem, QueryOutcome } from '../../src/query/ports.js';
import { ownPlace, type Place } from '../support/services.js';
import { Seen } from './broker-items.js';
import { codeOf, echo, HeldHandler, patient, questionFor, serveFresh } from './query-items.js';

const LIMIT_MS = 60_000;
let place: Place;
let asker: Broker;
let answerer: Broker;

const ask = (item: QueryItem, signal = patient()) => asker.queries.ask(item, signal);

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A call that goes on until its signal ends it. */
async function ended(signal: AbortSignal): Promise<QueryOutcome> {
  await aborted(signal);
  throw signal.reason;
}

beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

describe('questions that one process gives up and another has, over rabbitmq', () => {
  beforeEach(async () => {
    const open = (owner: string) => openRabbit({ urls: [place.amqpUrl], owner });
    [asker, answerer] = await Promise.all([open('asker'), open('answerer')]);
  });
  afterEach(() => Promise.all([asker.close(), answerer.close()]));

  it(
    '6: a question given up at one process ends its call at another',
    async () => {
      const called = new Seen<AbortSignal>();
      const firstUntilGivenUp: QueryHandler = (item, signal) => {
        called.add(signal);
        return called.values.length === 1 ? ended(signal) : echo(item, signal);
      };
      const [system] = await serveFresh(answerer.queries.server(firstUntilGivenUp), ['given-up'], 1, 5);
      // One in hand, one at the dispatcher, one in RabbitMQ.
      const gone = Array.from({ length: 3 }, () => new AbortController());
      const asked = gone.map(({ signal }) => ask(questionFor(system), signal).catch((error: unknown) => error));
      const [signal] = await called.count(1);
      const reason = new Error('the consumer has gone');
      const begun = Date.now();
      // What waits goes first, so that none of it can begin meanwhile.
      for (const each of gone.reverse()) each.abort(reason);
      expect(await Promise.all(asked)).toEqual([reason, reason, reason]);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      expect(Date.now() - begun).toBeLessThan(5_000);
      expect([signal!.aborted, called.values.length]).toEqual([true, 2]);
      expect(signal!.reason).toMatchObject({ code: 'consumer-gone' });
    },
    LIMIT_MS,
  );

  it(
    '6: a question that is asked again under its id is not ended with the one that was given up',
    async () => {
      const late = new Seen<LateAnswer>();
      answerer.queries.onLate((each) => late.add(each));
      const held = new HeldHandler();
      const [system] = await serveFresh(answerer.queries.server(held.handle), ['anew'], 4, 5);
      const gone = new AbortController();
      const item = questionFor(system);
      const given = ask(item, gone.signal).catch((error: unknown) => error);
      await held.begun.count(1);
      gone.abort('gone');
      const again = [ask(item), answerer.queries.ask(item, patient())];
      await held.begun.count(3);
      await aborted(held.signals[0]!);
      held.release();
      expect(await given).toBe('gone');
      expect((await Promise.all(again)).map(({ kind }) => kind)).toEqual(['answered', 'answered']);
      expect(held.signals.map((signal) => signal.aborted)).toEqual([true, false, false]);
      // The first call was answered all the same, which is late.
      expect(await late.count(1)).toMatchObject([{ id: item.message.id, outcome: { kind: 'answered' } }]);
    },
    LIMIT_MS,
  );

  it(
    '1: an expired question of another process is not called',
    async () => {
      const held = new HeldHandler();
      const [system] = await serveFresh(answerer.queries.server(held.handle), ['expired'], 1, 5);
      const first = ask(questionFor(system));
      await held.begun.count(1);
      // One lies at the dispatcher, which drops it; the others in RabbitMQ, where their time to live ends.
      const expired = Array.from({ length: 3 }, () => questionFor(system, { ms: 300 }));
      expect(await Promise.all(expired.map((item) => codeOf(ask(item))))).toEqual(Array(3).fill('query-timeout'));
      // RabbitMQ counts from when it had them.
      await pause(200);
      held.release();
      expect((await first).kind).toBe('answered');
      const last = questionFor(system);
      expect((await ask(last)).kind).toBe('answered');
      expect(held.ids).toHaveLength(2);
      for (const { message } of expired) expect(held.ids).not.toContain(message.id);
    },
    LIMIT_MS,
  );
});
