import { setTimeout as pause } from 'node:timers/promises';
import { http, idOf, statusWhen, type HttpAnswer, type StatusView } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { sendMany, sendNotice } from '../support/load.js';
import { noticeJson } from '../support/messages.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { startLine, type Line } from '../support/proxy.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const AGREEMENT = 'c_i804-r_abruzz-VariazioneAnagrafica';
/** From the answer of one node to the first refusal of the other; each looks once a second. */
const IN_FORCE_MS = 1_500;

describe('4: one agreement, two nodes', () => {
  let postgres: PrivatePostgres;
  let rabbit: Rabbit;
  let receiver: Receiver;
  /** Between node b and PostgreSQL. */
  let line: Line;
  let a: RunningGateway;
  let b: RunningGateway;

  beforeAll(async () => {
    [postgres, rabbit, receiver] = await Promise.all([startPostgres(), startRabbit(), startReceiver()]);
    line = await startLine(Number(new URL(postgres.url).port));
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const, timeoutMs: 2_000 };
    const retry = { attempts: 100, firstDelayMs: 100, maxDelayMs: 500 };
    const directory = await writeRegistry({ pratola: push, regione: { ...push, retry } });
    const node = (name: string, url: string) =>
      startGateway({
        DATABASE_URL: url,
        AMQP_URL: rabbit.url,
        CROCEVIA_REGISTRY_DIR: directory,
        CROCEVIA_NODE: name,
      });
    const throughLine = new URL(postgres.url);
    throughLine.port = String(line.port);
    [a, b] = await Promise.all([node('a', postgres.url), node('b', throughLine.href)]);
  }, 150_000);

  afterAll(async () => {
    await Promise.all([a.kill9(), b.kill9()]);
    await line.stop();
    await Promise.all([receiver.stop(), postgres.stop(), rabbit.stop()]);
  }, 60_000);

  afterEach(async () => {
    line.mend();
    await turn('resume');
    await sendUntil(b, accepted, 40_000);
  }, 60_000);

  const turn = async (step: 'suspend' | 'resume', { url }: RunningGateway = a) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await http(`${url}/admin/agreements/${AGREEMENT}/${step}`, { method: 'POST', headers });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(AGREEMENT)]);
  };
  /** Sends every 50 ms; the first answer that is as wanted, when it came, and those before. */
  const sendUntil = async ({ url }: RunningGateway, wanted: (answer: HttpAnswer) => boolean, limitMs = 10_000) => {
    const start = performance.now();
    const before: HttpAnswer[] = [];
    for (;;) {
      const answer = (await sendNotice(url)) as HttpAnswer;
      const ms = performance.now() - start;
      if (wanted(answer)) return { answer, ms, before };
      before.push(answer);
      if (ms > limitMs) throw new Error(`the last answer is not as wanted: ${answer.status} ${answer.text}`);
      await pause(50);
    }
  };
  const accepted = ({ status }: HttpAnswer) => status === 202;
  const refusedAs = (code: string) => (answer: HttpAnswer) => answer.text.includes(`"code":"${code}"`);
  const suspended = refusedAs('agreement-suspended');

  const refusedByTheOther = async () => {
    await sendUntil(b, accepted);
    await turn('suspend');
    const { answer, ms } = await sendUntil(b, suspended);
    expect(answer.status).toBe(403);
    expect(ms).toBeLessThanOrEqual(IN_FORCE_MS);
    expect(suspended((await sendNotice(a.url)) as HttpAnswer)).toBe(true);
    await turn('resume');
    const resumed = await sendUntil(b, accepted);
    expect(resumed.ms).toBeLessThanOrEqual(IN_FORCE_MS);
  };

  it('4: what one node suspends the other refuses within 1.5 s', refusedByTheOther, 60_000);

  it('4: what was accepted before a suspension rests while it lasts, and is delivered after it', async () => {
    receiver.answerWith((_received, reply) => void reply.writeHead(503).end());
    const ids = (await Promise.all([a, b].map(({ url }) => sendMany(url, 20)))).flatMap((sent) => sent.ids);
    expect(ids).toHaveLength(40);
    await turn('suspend');
    const rests = ({ deliveries }: StatusView) =>
      deliveries.every(({ state, fault }) => state === 'SUSPENDED' && fault?.code === 'agreement-suspended');
    for (const id of ids) await statusWhen(b.url, id, rests, 30_000);
    receiver.answerWith((_received, reply) => void reply.writeHead(200).end());
    const before = receiver.received.length;
    const others = await Promise.all(
      [a, b].map(({ url }) =>
        http(`${url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, { key: KEYS.sulmona, body: noticeJson() }),
      ),
    );
    for (const other of others) await statusWhen(a.url, idOf(other), ({ state }) => state === 'COMPLETED');
    const since = receiver.received.slice(before).map(({ headers }) => headers['x-gateway-id']);
    expect(since.sort()).toEqual(others.map(idOf).sort());
    await turn('resume', b);
    for (const id of ids) await statusWhen(a.url, id, ({ state }) => state === 'COMPLETED');
  }, 90_000);

  it('4: a node that is cut off from the database refuses for now, and knows of the suspension when it is back', async () => {
    await sendUntil(b, accepted);
    line.cut();
    await turn('suspend');
    for (const end = Date.now() + IN_FORCE_MS; Date.now() < end; await pause(50)) {
      const away = (await sendNotice(b.url)) as HttpAnswer;
      expect(away.json()).toMatchObject({ status: 503, code: 'store-unavailable', retryable: true });
      expect(Number(away.headers['retry-after'])).toBeGreaterThan(0);
    }
    line.mend();
    const { before } = await sendUntil(b, suspended);
    expect(before.filter(accepted)).toEqual([]);
    await turn('resume');
    await sendUntil(b, accepted);
  }, 60_000);

  it('4: a node whose database does not answer takes nothing, and soon says that its registry is stale', async () => {
    await sendUntil(b, accepted);
    line.freeze();
    await turn('suspend');
    const { before } = await sendUntil(b, refusedAs('registry-stale'), 70_000);
    expect(before.filter((one) => !refusedAs('store-unavailable')(one)).map(({ text }) => text)).toEqual([]);
    const start = performance.now();
    expect(((await sendNotice(b.url)) as HttpAnswer).json()).toMatchObject({ status: 503, retryable: true });
    expect(performance.now() - start).toBeLessThan(1_000);
    line.mend();
    const back = await sendUntil(b, suspended, 40_000);
    expect(back.before.filter(accepted)).toEqual([]);
    await turn('resume');
    await sendUntil(b, accepted);
  }, 150_000);

  it('4: without RabbitMQ the other node still refuses within 1.5 s', async () => {
    await rabbit.kill9();
    await refusedByTheOther();
  }, 60_000);
});
