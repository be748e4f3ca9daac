import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { scrape } from '../support/metrics.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { freePort } from '../support/ports.js';
import { startLine, type Line } from '../support/proxy.js';
import { standard, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

const portOf = (url: string) => Number(new URL(url).port);
const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';

describe('8. health', () => {
  let ground: Ground;
  let [rabbit, postgres]: Line[] = [];
  let gateway: RunningGateway;
  let regione: Receiver;
  let directory: string;

  beforeAll(async () => {
    [ground, regione] = await Promise.all([standard(), startReceiver()]);
    const env = ground.env as Record<'AMQP_URL' | 'DATABASE_URL', string>;
    [rabbit, postgres] = await Promise.all([startLine(portOf(env.AMQP_URL)), startLine(portOf(env.DATABASE_URL))]);
    directory = await writeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'push-rest', url: regione.url, shape: 'json' },
    });
    gateway = await startGateway({
      ...env,
      AMQP_URL: env.AMQP_URL.replace(/:\d+\//, `:${rabbit!.port}/`),
      DATABASE_URL: env.DATABASE_URL.replace(/:\d+\//, `:${postgres!.port}/`),
      CROCEVIA_REGISTRY_DIR: directory,
    });
  }, 150_000);

  afterAll(async () => {
    await gateway.stop();
    await Promise.all([regione.stop(), rabbit!.stop(), postgres!.stop(), ground.stop()]);
  }, 60_000);

  const ready = async () => {
    const { status, text } = await http(`${gateway.url}/health/ready`);
    return [status, JSON.parse(text) as Record<string, unknown>] as const;
  };
  const send = (body: object = noticeJson('r_abruzz'), headers = {}) =>
    http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body, headers });

  it('8. ready where all is well', async () => {
    expect(await ready()).toEqual([200, { status: 'up' }]);
  });

  it('8. a RabbitMQ that goes while a node begins ends no node', async () => {
    const line = await startLine(portOf(ground.env['AMQP_URL'] as string));
    const url = (ground.env['AMQP_URL'] as string).replace(/:\d+\//, `:${line.port}/`);
    const other = await startGateway({ ...ground.env, AMQP_URL: url, CROCEVIA_REGISTRY_DIR: directory });
    const state = async () => (await http(`${other.url}/health/ready`)).text;
    await state();
    for (let times = 0; times < 3; times++) {
      line.cut();
      await until(async () => (await state()).includes('degraded'));
      line.mend();
      await until(async () => !(await state()).includes('degraded'), 60_000);
    }
    expect(await other.stop()).toBe(0);
    await line.stop();
  }, 120_000);

  it('8. it takes messages before it reads all its queues, and says so', async () => {
    const amqp = new URL(ground.env['AMQP_URL'] as string);
    const line = await startLine(Number(amqp.port));
    // Each queue takes some answers of RabbitMQ.
    line.delay(300);
    amqp.port = String(line.port);
    const port = String(await freePort());
    const env = { ...ground.env, AMQP_URL: amqp.href, CROCEVIA_PORT: port, CROCEVIA_REGISTRY_DIR: directory };
    const started = startGateway(env);
    const url = `http://127.0.0.1:${port}`;
    const state = () =>
      http(`${url}/health/ready`).then(
        ({ text }) => text,
        () => '',
      );
    await until(async () => (await state()) !== '', 60_000);
    expect(await state()).toBe('{"status":"degraded","degraded":["queues"]}');
    const sent = await http(`${url}${REST}`, { key: KEYS.sulmona, body: noticeJson('r_abruzz') });
    expect(sent.status).toBe(202);
    const other = await started;
    expect(await state()).toBe('{"status":"up"}');
    await statusWhen(url, idOf(sent), (message) => message['state'] === 'COMPLETED');
    await other.stop();
    await line.stop();
  }, 120_000);

  it('8. with RabbitMQ away it takes messages, says that it is degraded and by what, and is well again', async () => {
    rabbit!.cut();
    await until(async () => (await ready())[1]['status'] === 'degraded');
    expect(await ready()).toEqual([200, { status: 'degraded', degraded: ['broker'] }]);
    const sent = await send();
    expect(sent.status).toBe(202);
    const { sum } = await scrape(gateway);
    expect([sum('crocevia_ready'), sum('crocevia_broker_connected')]).toEqual([1, 0]);
    rabbit!.mend();
    await until(async () => (await ready())[1]['status'] === 'up', 60_000);
    await statusWhen(gateway.url, idOf(sent), ({ state }) => state === 'COMPLETED', 60_000);
  }, 150_000);

  it('8. with PostgreSQL away it is not ready, and tells so without a word of how it is made', async () => {
    postgres!.cut();
    await until(async () => (await ready())[0] === 503);
    const [status, body] = await ready();
    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'store-unavailable', retryable: true })]);
    expect(JSON.stringify(body)).not.toMatch(/postgres|5432|127\.0|ECONN/i);
    expect((await http(`${gateway.url}/health/live`)).status).toBe(200);
    postgres!.mend();
    await until(async () => (await ready())[0] === 200, 60_000);
  }, 120_000);

  it('8. every line of the log about a message has its id', async () => {
    await statusWhen(gateway.url, idOf(await send()), ({ state }) => state === 'COMPLETED');
    const refused = await send({ is: 'wrong' }, { 'idempotency-key': 'mine-1' });
    await until(() => gateway.logs().includes('mine-1'));
    const lines = gateway
      .logs()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const about = lines.filter(({ event }) => /^(message|delivery|receipt)\./.test(String(event)));
    expect(about.length).toBeGreaterThan(5);
    expect(about.filter(({ event, messageId }) => event !== 'delivery.circuit' && !messageId)).toEqual([]);
    const line = about.find(({ sendersId }) => sendersId === 'mine-1');
    expect(line).toMatchObject({ event: 'message.refused', code: 'schema-violation', messageId: idOf(refused) });
  });

  it('8. while it drains it is not ready, and is alive', async () => {
    regione.answerWith((_received, reply) => void setTimeout(() => reply.writeHead(200).end(), 4_000));
    const seen = regione.received.length;
    await send();
    await until(() => regione.received.length > seen);
    // The port takes no new connection while the node stops: this one has begun its request before.
    const socket = connect(portOf(gateway.url), '127.0.0.1');
    socket.write('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n');
    const heard = text(socket);
    await http(`${gateway.url}/health/live`);
    const stopped = gateway.stop();
    await until(() => gateway.logs().includes('gateway.stopping'));
    socket.write('\r\n');
    const answer = await heard;
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ code: 'stopping', retryable: true });
    expect(await stopped).toBe(0);
  }, 60_000);
});
