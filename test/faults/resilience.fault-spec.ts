import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { http, idOf, statusWhen, type HttpAnswer, type StatusView } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { allArrived, NOTICE_PATH, sendMany, sendNotice } from '../support/load.js';
import { envelope, noticeElement, SOAP11_HEADERS } from '../support/messages.js';
import { freePort } from '../support/ports.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeParticipants, writeRegistry, type TestDestinations } from '../support/registry.js';

const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';
const LIMIT_MS = 90_000;
const RETRY = { attempts: 100, firstDelayMs: 100, maxDelayMs: 500 };

describe('what breaks around the gateway, standard', () => {
  let postgres: PrivatePostgres;
  let rabbit: Rabbit;
  let gateway: RunningGateway;
  let regione: Receiver;
  let receipts: Receiver;
  let directory: string;
  let env: Record<string, string>;
  const logs: string[] = [];

  const destinations = (more: Partial<TestDestinations> = {}): TestDestinations => ({
    pratola: { channel: 'push-soap', url: regione.url, shape: 'original' },
    regione: { channel: 'push-rest', url: regione.url, shape: 'original', retry: RETRY, timeoutMs: 2_000 },
    sulmonaReceipts: receipts.url,
    ...more,
  });
  const register = async (more: Partial<TestDestinations> = {}) => {
    await writeParticipants(directory, destinations(more));
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await http(`${gateway.url}/admin/registry/reload`, { method: 'POST', headers });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('revision')]);
  };

  beforeAll(async () => {
    [postgres, rabbit, regione, receipts] = await Promise.all([
      startPostgres(),
      startRabbit(),
      startReceiver(),
      startReceiver(),
    ]);
    directory = await writeRegistry(destinations());
    env = {
      DATABASE_URL: postgres.url,
      AMQP_URL: rabbit.url,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_PORT: String(await freePort()),
    };
    gateway = await startGateway(env);
    // RabbitMQ 3.10.8 leaves a queue without a leader for good when it is killed in the second that made it (ADR 2).
    const grownUp = Date.now() + 4_000;
    while (Date.now() < grownUp) await allArrived(regione, (await sendMany(gateway.url, 20)).ids);
  }, 150_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([regione.stop(), receipts.stop(), postgres.stop(), rabbit.stop()]);
  }, 60_000);

  it(
    '7: with RabbitMQ killed it goes on accepting, and delivers once RabbitMQ is back',
    async () => {
      const before = await sendMany(gateway.url, 50, 4);
      await rabbit.kill9();
      const { ids, ms } = await sendMany(gateway.url, 50, 4);
      expect(ids).toHaveLength(50);
      const ready = await http(`${gateway.url}/health/ready`);
      await rabbit.restart();
      expect(ready.status).toBe(200);
      expect(percentile(ms, 99)).toBeLessThan(1_000 + percentile(before.ms, 99));
      await allArrived(regione, ids);
    },
    LIMIT_MS,
  );

  it(
    '7: with RabbitMQ wiped while messages wait in it, nothing is lost',
    async () => {
      regione.answerWith((_received, reply) => void reply.writeHead(503).end());
      const { ids } = await sendMany(gateway.url, 60);
      expect(ids).toHaveLength(60);
      await regione.next(({ headers }) => headers['x-gateway-id'] === ids[0]);
      await rabbit.wipe();
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      const again = regione.received.length;
      await Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
      expect(regione.received.length).toBeGreaterThan(again);
    },
    LIMIT_MS,
  );

  it(
    '7: a receiver that hangs has a bounded window in RabbitMQ; the rest waits in the ledger and is delivered later',
    async () => {
      const slow = { channel: 'push-rest', url: regione.url, shape: 'original', retry: RETRY } as const;
      await register({ regione: { ...slow, timeoutMs: 60_000 } });
      const held: (() => void)[] = [];
      regione.answerWith((_received, reply) => void held.push(() => reply.writeHead(200).end()));
      let deepest = 0;
      const { ids } = await sendMany(gateway.url, 1_800, 16);
      expect(ids).toHaveLength(1_800);
      for (let look = 0; look < 4; look++) deepest = Math.max(deepest, await lyingIn(rabbit, 'regione.anagrafe'));
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      for (const answer of held) answer();
      await allArrived(regione, ids);
      await register();
      // Eight rounds of its four at once, or two seconds of the pace that it had before, what is marked between two counts, and the four.
      expect(deepest).toBeGreaterThanOrEqual(8);
      expect(deepest).toBeLessThanOrEqual(300);
    },
    LIMIT_MS,
  );

  it(
    '6: with PostgreSQL killed senders are told to come back, and what was accepted is delivered',
    async () => {
      regione.answerWith((_received, reply) => void reply.writeHead(503).end());
      const { ids } = await sendMany(gateway.url, 20);
      await postgres.kill9();
      const rest = (await sendNotice(gateway.url)) as HttpAnswer;
      expect([rest.status, rest.headers['content-type']]).toEqual([503, expect.stringContaining('problem+json')]);
      expect(rest.json()).toMatchObject({ code: 'store-unavailable', retryable: true, blame: 'gateway' });
      const soap = await http(`${gateway.url}${SOAP}`, {
        key: KEYS.sulmona,
        body: envelope(),
        headers: SOAP11_HEADERS,
      });
      expect([soap.status, soap.headers['content-type']]).toEqual([503, expect.stringContaining('text/xml')]);
      expect(soap.text).toMatch(/faultcode>[a-zA-Z]*:?Server<[^]*store-unavailable/);
      for (const { headers } of [rest, soap]) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect((await http(`${gateway.url}/health/ready`)).status).toBe(503);
      expect((await http(`${gateway.url}/health/live`)).status).toBe(200);
      await postgres.restart();
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      await readyAgain(gateway.url);
      const after = await sendMany(gateway.url, 10);
      expect(after.ids).toHaveLength(10);
      await Promise.all([...ids, ...after.ids].map((id) => statusWhen(gateway.url, id, completed, 60_000)));
    },
    LIMIT_MS,
  );

  it(
    '9: a receiver that is down for 5 s gets its messages when it is up',
    async () => {
      const port = await freePort();
      await register({
        regione: { channel: 'push-rest', url: `http://127.0.0.1:${port}/`, shape: 'original', retry: RETRY },
      });
      const { ids } = await sendMany(gateway.url, 20);
      const spared = ({ deliveries }: StatusView) => deliveries[0]?.fault?.code === 'circuit-open';
      await Promise.any(ids.map((id) => statusWhen(gateway.url, id, spared)));
      const server = await listen(port);
      // The circuit is tried after 5, 10 and 20 s.
      const done = await Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
      server.close();
      await register();
      expect(done.every(({ deliveries }) => deliveries[0]?.state === 'DELIVERED')).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    '9: EXPIRED when the time of the agreement is over, and the sender is told',
    async () => {
      const nobody = `http://127.0.0.1:${await freePort()}/`;
      await register({
        regione: { channel: 'push-rest', url: nobody, shape: 'original', retry: RETRY },
        expiresAfter: 2,
      });
      const { ids } = await sendMany(gateway.url, 1);
      const id = ids[0] as string;
      const ended = await statusWhen(gateway.url, id, ({ state }) => state === 'PARTIALLY_FAILED');
      await register();
      expect(ended).toMatchObject({
        deliveries: [{ state: 'EXPIRED', fault: { code: 'delivery-expired' } }],
        receipts: [{ kind: 'taken' }, { kind: 'refused', fault: { code: 'delivery-expired' } }],
      });
      const pushed = await receipts.next(({ body }) => body.includes(id) && body.includes('refused'));
      expect(JSON.parse(pushed.body.toString())).toMatchObject({ kind: 'refused', id, receiver: 'r_abruzz' });
    },
    LIMIT_MS,
  );

  it(
    '8: a message over the size of a claim check is delivered as it came, byte by byte',
    async () => {
      const body = Buffer.from(`<?xml version="1.0"?>\n<!-- ${'perché no? '.repeat(20_000)} -->\n${noticeElement()}\n`);
      expect(body.length).toBeGreaterThan(200_000);
      const headers = { 'content-type': 'application/xml', 'idempotency-key': randomUUID() };
      const sent = await http(`${gateway.url}${NOTICE_PATH}`, { key: KEYS.sulmona, body, headers });
      expect([sent.status, sent.text]).toEqual([202, expect.any(String)]);
      const arrived = await regione.next(({ headers: got }) => got['x-gateway-id'] === idOf(sent));
      expect(arrived.body.equals(body)).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    '8: a system whose destination has gone has its deliveries SUSPENDED until it has one again',
    async () => {
      const nobody = `http://127.0.0.1:${await freePort()}/`;
      await register({ regione: { channel: 'push-rest', url: nobody, shape: 'original', retry: RETRY } });
      const { ids } = await sendMany(gateway.url, 3);
      await statusWhen(gateway.url, ids[0] as string, ({ deliveries }) => deliveries[0]?.state === 'WAITING_RETRY');
      await register({ regione: null });
      const held = await Promise.all(ids.map((id) => statusWhen(gateway.url, id, suspended)));
      expect(held.map(({ deliveries }) => deliveries[0]?.fault?.code)).toEqual(ids.map(() => 'destination-missing'));
      await register();
      await Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed)));
    },
    LIMIT_MS,
  );

  it(
    '7: SIGTERM under load drains: what was answered is delivered, by this process or the next one',
    async () => {
      regione.answerWith((_received, reply) => void setTimeout(() => reply.writeHead(200).end(), 20));
      const outcomes: (HttpAnswer | null)[] = [];
      let running = true;
      const sender = async () => {
        while (running) {
          const answer = await sendNotice(gateway.url);
          outcomes.push(answer);
          if (answer === null) await pause(20);
        }
      };
      const senders = Array.from({ length: 12 }, sender);
      while (outcomes.length < 150) await pause(10);
      const code = await gateway.stop();
      running = false;
      await Promise.all(senders);
      expect(code).toBe(0);
      expect(gateway.logs()).toContain('"event":"gateway.stopped"');
      const answered = outcomes.filter((answer) => answer !== null);
      const refused = answered.filter(({ status }) => status !== 202);
      for (const answer of refused) {
        expect([answer.status, answer.json()]).toMatchObject([503, { code: 'stopping', retryable: true }]);
      }
      logs.push(gateway.logs());
      gateway = await startGateway(env);
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      const ids = answered.filter(({ status }) => status === 202).map(idOf);
      expect(ids.length).toBeGreaterThanOrEqual(150);
      await Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
    },
    LIMIT_MS,
  );

  it('10: every line that was logged through all of this is JSON, and none holds a secret', () => {
    const lines = logs.concat(gateway.logs()).flatMap((text) => text.trim().split('\n'));
    expect(lines.length).toBeGreaterThan(1_000);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: expect.stringMatching(/^(info|warn|error)$/),
        event: expect.stringMatching(/^[a-z]+\.[a-z-]+$/),
      });
    const secrets = [...Object.values(KEYS), 'secret-sulmona', ADMIN_TOKEN, 'guest:guest'];
    for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  });
});

const completed = ({ state }: StatusView) => state === 'COMPLETED';
const suspended = ({ deliveries }: StatusView) => deliveries[0]?.state === 'SUSPENDED';

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? NaN;
}

/** Messages in the queue of a system, those that a dispatcher holds unacknowledged included. */
async function lyingIn(rabbit: Rabbit, system: string): Promise<number> {
  const lines = (await rabbit.ctl('list_queues', 'name', 'messages')).split('\n').map((line) => line.split('\t'));
  return Number(lines.find(([name]) => name?.endsWith(system))?.[1] ?? 0);
}

function listen(port: number): Promise<Server> {
  const server = createServer((request, reply) => void request.resume().on('end', () => reply.writeHead(200).end()));
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

/** Resolves when the gateway says that it is ready; throws after 30 s. */
async function readyAgain(url: string): Promise<void> {
  const end = Date.now() + 30_000;
  while ((await http(`${url}/health/ready`)).status !== 200) {
    if (Date.now() > end) throw new Error('the gateway is not ready again');
    await pause(50);
  }
}
