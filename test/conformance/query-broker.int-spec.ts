import { randomBytes } from 'node:crypto';
import type { Broker } from '../../src/broker/broker.js';
import { Fault } from '../../src/message/fault.js';
import type { QueryItem, QueryOutcome } from '../../src/query/ports.js';
import { ownPlace, type Place } from '../support/services.js';
import { freshSystem, Seen } from './broker-items.js';
import { answer, brokerKinds, codeOf, echo, HeldHandler, patient, questionFor, serveFresh } from './query-items.js';

const LIMIT_MS = 60_000;
const TIMING = { queued: expect.any(Number), called: expect.any(Number) } as { queued: number; called: number };
let place: Place;
beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

describe.each(brokerKinds(() => place.amqpUrl))('1: questions over the %s broker', (kind, open) => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await open();
  });
  afterEach(() => broker.close());

  const ask = (item: QueryItem) => broker.queries.ask(item, patient());

  it(
    '1: brings a question over and its answer back, byte for byte',
    async () => {
      const seen = new Seen<QueryItem>();
      const body = randomBytes(2 * 1024 * 1024);
      const headers = { 'content-type': 'application/octet-stream', etag: '"è"' };
      const server = broker.queries.server(async (item) => {
        seen.add(item);
        return { ...answer(body, headers), status: 206 } as QueryOutcome;
      });
      const [system] = await serveFresh(server, ['exact'], 1, 5);
      const item = questionFor(system, { content: randomBytes(2 * 1024 * 1024) });
      const outcome = await ask(item);
      expect(outcome).toMatchObject({ kind: 'answered', status: 206, headers, timing: TIMING });
      expect(outcome.kind === 'answered' && body.equals(outcome.body)).toBe(true);
      const { content, ...facts } = item;
      expect(seen.values[0]).toMatchObject(facts);
      expect(content.equals(seen.values[0]!.content)).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    '1: passes a body of 20 MiB, and an empty one',
    async () => {
      const [system] = await serveFresh(broker.queries.server(echo), ['big'], 2, 5);
      for (const content of [randomBytes(20 * 1024 * 1024), Buffer.alloc(0)]) {
        const outcome = await ask(questionFor(system, { content }));
        expect(outcome.kind === 'answered' && content.equals(outcome.body)).toBe(true);
      }
    },
    LIMIT_MS,
  );

  it(
    '1: brings back a failure, also that of a handler that throws',
    async () => {
      const fault = new Fault('receiver-unreachable', { detail: 'no route' }).toRecord();
      const server = broker.queries.server(async (item) => {
        if (item.content.length === 0) throw new Error('secret');
        return { kind: 'failed', fault, timing: { queued: 0, called: 0 } };
      });
      const [system] = await serveFresh(server, ['fails'], 1, 5);
      expect(await ask(questionFor(system))).toEqual({ kind: 'failed', fault, timing: TIMING });
      const thrown = await ask(questionFor(system, { content: Buffer.alloc(0) }));
      expect(thrown).toMatchObject({ kind: 'failed', fault: { code: 'internal' } });
      expect(JSON.stringify(thrown)).not.toContain('secret');
    },
    LIMIT_MS,
  );

  it(
    '1: gives each of 200 questions at once its own answer',
    async () => {
      const server = broker.queries.server(async (item) => answer(Buffer.from(`${item.message.id} ${item.content}`)));
      const systems = await serveFresh(server, ['uno', 'due', 'tre'], 8, 200);
      const items = Array.from({ length: 200 }, (_, i) =>
        questionFor(systems[i % 3]!, { content: Buffer.from(`question ${i}`) }),
      );
      const outcomes = await Promise.all(items.map(ask));
      const bodies = outcomes.map((outcome) => outcome.kind === 'answered' && outcome.body.toString());
      expect(bodies).toEqual(items.map((item, i) => `${item.message.id} question ${i}`));
    },
    LIMIT_MS,
  );

  it(
    '5: hands a question out again that is asked again under its id, after it was given up',
    async () => {
      const seen = new Seen<QueryItem>();
      const server = broker.queries.server(async (item, signal) => {
        seen.add(item);
        if (seen.values.length === 1) await seen.count(2);
        return echo(item, signal);
      });
      const [system] = await serveFresh(server, ['again'], 2, 5);
      const item = questionFor(system, { ms: 300 });
      expect(await codeOf(ask(item))).toBe('query-timeout');
      const again = { ...item, deadline: new Date(Date.now() + 10_000) };
      expect(await ask(again)).toMatchObject({ kind: 'answered' });
      expect(seen.values.map(({ message }) => message.id)).toEqual([item.message.id, item.message.id]);
    },
    LIMIT_MS,
  );

  it(
    '1: has at most `concurrency` questions in hand, and takes up more when it is raised',
    async () => {
      const held = new HeldHandler();
      const server = broker.queries.server(held.handle);
      const [system] = await serveFresh(server, ['bound'], 3, 50);
      const asked = Array.from({ length: 20 }, () => ask(questionFor(system)));
      await held.begun.count(3);
      expect(await codeOf(ask(questionFor(system, { ms: 150 })))).toBe('query-timeout');
      expect(held.begun.values).toHaveLength(3);
      await server.serve([{ system, concurrency: 5, waiting: 50 }]);
      await held.begun.count(5);
      held.release();
      expect(await Promise.all(asked)).toHaveLength(20);
      expect(held.most).toBe(5);
    },
    LIMIT_MS,
  );

  it(
    '1: refuses at once what is over the queue of a system, while another goes on',
    async () => {
      const held = new HeldHandler();
      const server = broker.queries.server((item, signal) =>
        item.receiver.system.startsWith('full') ? held.handle(item, signal) : echo(item, signal),
      );
      const [full, free] = await serveFresh(server, ['full', 'free'], 1, 4);
      const asked = [ask(questionFor(full))];
      await held.begun.count(1);
      const begun = Date.now();
      const more = Array.from({ length: 20 }, () => ask(questionFor(full)));
      const refused = new Seen<unknown>();
      for (const each of more) each.catch((error: unknown) => refused.add(error));
      // One in hand; over RabbitMQ one more may lie at the dispatcher already (prefetch).
      const least = kind === 'rabbitmq' ? 15 : 16;
      const faults = await refused.count(least);
      expect(Date.now() - begun).toBeLessThan(200);
      expect(faults[0]).toMatchObject({ code: 'receiver-overloaded', info: { retryAfterSeconds: 1 } });
      expect((await ask(questionFor(free!))).kind).toBe('answered');
      held.release();
      const codes = await Promise.all([...asked, ...more].map(codeOf));
      expect(codes.filter((code) => code === 'answered').length).toBe(21 - refused.values.length);
      expect(refused.values.length).toBeLessThanOrEqual(16);
    },
    LIMIT_MS,
  );

  it(
    '1: refuses at once where nobody serves the system, or nobody any more',
    async () => {
      const server = broker.queries.server(echo);
      const [system] = await serveFresh(server, ['gone'], 1, 5);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      const [other] = await serveFresh(server, ['other'], 1, 5);
      for (const each of [system, freshSystem('never')]) {
        const begun = Date.now();
        const error: unknown = await ask(questionFor(each)).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: 'receiver-overloaded', info: { retryAfterSeconds: 5 } });
        expect((error as Fault).info.detail).toContain('Nobody takes questions');
        expect(Date.now() - begun).toBeLessThan(200);
      }
      expect((await ask(questionFor(other))).kind).toBe('answered');
      await server.serve([{ system, concurrency: 2, waiting: 3 }]);
      expect((await ask(questionFor(system))).kind).toBe('answered');
    },
    LIMIT_MS,
  );

  it(
    '1: never hands out a question whose deadline passed in the queue, or that was given up there',
    async () => {
      const held = new HeldHandler();
      const [system] = await serveFresh(broker.queries.server(held.handle), ['waits'], 1, 10);
      const first = ask(questionFor(system));
      await held.begun.count(1);
      const given = new AbortController();
      const dropped = Array.from({ length: 3 }, () => questionFor(system));
      const givenUp = dropped.map((item) => broker.queries.ask(item, given.signal).catch((error: unknown) => error));
      const last = ask(questionFor(system));
      const short = Array.from({ length: 3 }, () => questionFor(system, { ms: 200 }));
      const begun = Date.now();
      expect(await Promise.all(short.map((item) => codeOf(ask(item))))).toEqual(Array(3).fill('query-timeout'));
      expect(Date.now() - begun).toBeLessThan(500);
      const reason = new Error('the consumer has gone');
      given.abort(reason);
      expect(await Promise.all(givenUp)).toEqual([reason, reason, reason]);
      held.release();
      await first;
      expect((await last).timing.queued).toBeGreaterThanOrEqual(190);
      expect((await ask(questionFor(system))).kind).toBe('answered');
      expect(held.ids).toHaveLength(3);
      for (const { message } of [...dropped, ...short]) expect(held.ids).not.toContain(message.id);
    },
    LIMIT_MS,
  );
});
