import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { idOf, statusWhen, type StatusView } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { NOTICE_PATH, sendMany, sendNotice } from '../support/load.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const LIMIT_MS = 150_000;
const TIMEOUT_MS = 30_000;

describe('the end of a node, standard', () => {
  let postgres: PrivatePostgres;
  let rabbit: Rabbit;
  let regione: Receiver;
  let env: Record<string, string>;
  let gateway: RunningGateway;

  beforeAll(async () => {
    [postgres, rabbit, regione] = await Promise.all([startPostgres(), startRabbit(), startReceiver()]);
    const retry = { attempts: 20, firstDelayMs: 100, maxDelayMs: 500 };
    const push = { channel: 'push-rest', url: regione.url, shape: 'original', timeoutMs: TIMEOUT_MS, retry } as const;
    const directory = await writeRegistry({
      pratola: { channel: 'push-soap', url: regione.url, shape: 'original' },
      regione: push,
    });
    env = { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, CROCEVIA_REGISTRY_DIR: directory };
  }, 150_000);
  beforeEach(async () => {
    gateway = await startGateway(env);
  }, 60_000);
  afterEach(() => gateway.kill9());
  afterAll(() => Promise.all([regione.stop(), postgres.stop(), rabbit.stop()]), 60_000);

  it(
    '9: SIGTERM leaves to others what waits, also while a request is open that never ends, which it cuts off',
    async () => {
      regione.answerWith((_received, reply) => void setTimeout(() => reply.writeHead(200).end(), 400));
      half(gateway.url);
      const { ids } = await sendMany(gateway.url, 120);
      const [began, before] = [Date.now(), regione.received.length];
      const code = await gateway.stop();
      const called = regione.received.length - before;
      expect(code).toBe(0);
      expect(Date.now() - began).toBeLessThan(22_000);
      // 4 at once and as many more whose call has ended: what it had already taken.
      expect(called).toBeLessThan(20);
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      gateway = await startGateway(env);
      await Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
      expect(keysOf(regione, ids)).toEqual(ids.map(() => 1));
    },
    LIMIT_MS,
  );

  it(
    '9: SIGTERM ends after 25 s where a receiver never answers, and the next node delivers under the same key',
    async () => {
      regione.answerWith(() => undefined);
      const id = idOf((await sendNotice(gateway.url, { 'idempotency-key': randomUUID() }))!);
      await regione.next(({ headers }) => headers['x-gateway-id'] === id);
      const began = Date.now();
      const code = await gateway.stop();
      expect([code, Date.now() - began < 28_000]).toEqual([1, true]);
      regione.answerWith((_received, reply) => void reply.writeHead(200).end());
      gateway = await startGateway(env);
      await statusWhen(gateway.url, id, completed, TIMEOUT_MS + 30_000);
      expect(keysOf(regione, [id])).toEqual([1]);
      expect(regione.received.filter(({ headers }) => headers['x-gateway-id'] === id)).toHaveLength(2);
    },
    LIMIT_MS,
  );
});

const completed = ({ state }: StatusView) => state === 'COMPLETED';

/** Of each message, under how many keys it came. */
const keysOf = (receiver: Receiver, ids: readonly string[]) =>
  ids.map((id) => {
    const of = receiver.received.filter(({ headers }) => headers['x-gateway-id'] === id);
    return new Set(of.map(({ headers }) => headers['idempotency-key'])).size;
  });

/** Begins a request whose body never ends. */
function half(url: string): void {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const head = [`POST ${NOTICE_PATH} HTTP/1.1`, `Host: ${hostname}`, `X-API-Key: ${KEYS.sulmona}`];
  socket.write([...head, 'Content-Type: application/json', 'Content-Length: 1000', '', '{"a":'].join('\r\n'));
}
