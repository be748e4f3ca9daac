import type { Broker } from '../../src/broker/broker.js';
import type { LateAnswer, QueryItem } from '../../src/query/ports.js';
import { ownPlace, type Place } from '../support/services.js';
import { Seen } from './broker-items.js';
import { brokerKinds, codeOf, echo, HeldHandler, patient, questionFor, serveFresh } from './query-items.js';

const LIMIT_MS = 60_000;
let place: Place;
beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

describe.each(brokerKinds(() => place.amqpUrl))('1: questions that end over the %s broker', (_kind, open) => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await open();
  });
  afterEach(() => broker.close());

  const ask = (item: QueryItem) => broker.queries.ask(item, patient());

  it(
    '1: ends at the deadline of a slow call, aborts it, and tells of its answer once',
    async () => {
      const late = new Seen<LateAnswer>();
      broker.queries.onLate((each) => late.add(each));
      const held = new HeldHandler();
      const [system] = await serveFresh(broker.queries.server(held.handle), ['slow'], 1, 5);
      const item = questionFor(system, { ms: 300 });
      const begun = Date.now();
      expect(await codeOf(ask(item))).toBe('query-timeout');
      expect(Date.now() - begun).toBeGreaterThanOrEqual(290);
      expect(Date.now() - begun).toBeLessThan(1_500);
      const [signal] = held.signals;
      if (!signal!.aborted) await new Promise((resolve) => signal!.addEventListener('abort', resolve));
      expect(signal!.reason).toMatchObject({ code: 'query-timeout' });
      expect(late.values).toEqual([]);
      held.release();
      const [told] = await late.count(1);
      expect(told).toMatchObject({ id: item.message.id, outcome: { kind: 'answered', status: 200 } });
      expect(told!.outcome.timing.called).toBeGreaterThanOrEqual(250);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      expect(late.values).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    '1: lets a question that is asked again under its id take the place of the first, which ends',
    async () => {
      const held = new HeldHandler();
      const [system] = await serveFresh(broker.queries.server(held.handle), ['again'], 2, 5);
      const item = questionFor(system);
      const first = codeOf(ask(item));
      await held.begun.count(1);
      const second = ask(item);
      expect(await first).toBe('query-timeout');
      await held.begun.count(2);
      held.release();
      expect(await second).toMatchObject({ kind: 'answered' });
    },
    LIMIT_MS,
  );

  it('1: refuses a question that is past or given up before it is asked', async () => {
    const seen = new Seen<QueryItem>();
    const server = broker.queries.server((item, signal) => (seen.add(item), echo(item, signal)));
    const [system] = await serveFresh(server, ['before'], 1, 5);
    expect(await codeOf(ask(questionFor(system, { ms: -1 })))).toBe('query-timeout');
    const reason = new Error('gone');
    expect(await codeOf(broker.queries.ask(questionFor(system), AbortSignal.abort(reason)))).toBe(reason);
    const asked = questionFor(system);
    await ask(asked);
    expect(seen.values.map(({ message }) => message.id)).toEqual([asked.message.id]);
  });

  it(
    '1: rejects with stopping what waits when it is closed, and what comes after',
    async () => {
      const late = new Seen<LateAnswer>();
      broker.queries.onLate((each) => late.add(each));
      const held = new HeldHandler();
      const [system] = await serveFresh(broker.queries.server(held.handle), ['close'], 1, 5);
      const items = [questionFor(system), questionFor(system)];
      const asked = items.map((item) => codeOf(ask(item)));
      const [begun] = await held.begun.count(1);
      await broker.close();
      expect(await Promise.all(asked)).toEqual(['stopping', 'stopping']);
      expect(await codeOf(ask(questionFor(system)))).toBe('stopping');
      held.release();
      expect((await late.count(1)).map(({ id }) => id)).toEqual([begun!.message.id]);
      expect(held.ids).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    '1: drains: what is in hand is answered, and nothing new is taken',
    async () => {
      const held = new HeldHandler();
      const [system] = await serveFresh(broker.queries.server(held.handle), ['drain'], 2, 5);
      const asked = [ask(questionFor(system)), ask(questionFor(system))];
      await held.begun.count(2);
      const drained = broker.drain();
      held.release();
      await drained;
      expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['answered', 'answered']);
      expect(await codeOf(ask(questionFor(system)))).toBe('receiver-overloaded');
    },
    LIMIT_MS,
  );

  it('1: has one query server', () => {
    broker.queries.server(echo);
    expect(() => broker.queries.server(echo)).toThrow('query server already');
  });
});
