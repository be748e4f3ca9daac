import { randomUUID } from 'node:crypto';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const PROBLEM = { 'content-type': 'application/problem+json' };

interface Said {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

describe.each(SHAPES)('what receivers answer, %s', (_shape, start) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([start(), startReceiver()]);
    const retry = { attempts: 3, firstDelayMs: 100, maxDelayMs: 200 };
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const, retry };
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ regione: push, pratola: push }),
    });
  }, 120_000);

  afterAll(async () => {
    await gateway.kill9();
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  /** Sends one message whose first try is answered so, the next ones 200; what came of it, and all tries. */
  const send = async ({ status, headers = {}, body = '' }: Said, end: string) => {
    const seen = new Set<unknown>();
    receiver.answerWith((received, reply) => {
      const isFirst = !seen.has(received.headers['x-gateway-id']);
      seen.add(received.headers['x-gateway-id']);
      if (isFirst) reply.writeHead(status, headers).end(body);
      else reply.writeHead(200).end();
    });
    const answer = await http(`${gateway.url}${REST}`, {
      key: KEYS.sulmona,
      body: noticeJson('r_abruzz'),
      headers: { 'idempotency-key': randomUUID() },
    });
    expect(answer.status).toBe(202);
    const id = idOf(answer);
    const seenEnd = await statusWhen(gateway.url, id, ({ state }) => state === end, 30_000);
    const tries = receiver.received.filter((one) => one.headers['x-gateway-id'] === id);
    return { tries, told: JSON.stringify(seenEnd) };
  };
  const keysOf = (tries: readonly Received[]) => new Set(tries.map(({ headers }) => headers['idempotency-key']));
  const restBetween = ([first, second]: readonly Received[]) => second!.at - first!.at;

  it.each([408, 425, 429, 503])(
    '3: %i is tried again when its Retry-After says, under the same key',
    async (status) => {
      const { tries } = await send({ status, headers: { 'retry-after': '2' } }, 'COMPLETED');
      expect([tries.length, keysOf(tries).size]).toEqual([2, 1]);
      expect(tries.map(({ headers }) => headers['x-attempt'])).toEqual(['1', '2']);
      expect(restBetween(tries)).toBeGreaterThanOrEqual(2_000);
      expect(restBetween(tries)).toBeLessThan(10_000);
    },
  );

  it.each([500, 502, 504])('3: %i is tried again by the rule of its system, under the same key', async (status) => {
    const { tries } = await send({ status, headers: { 'retry-after': '600' } }, 'COMPLETED');
    expect([tries.length, keysOf(tries).size]).toEqual([2, 1]);
  });

  it.each([400, 404, 409, 422])('3: %i is refused for good, at once', async (status) => {
    const body = JSON.stringify({ title: 'Pratica chiusa', detail: 'numero 7' });
    const { tries, told } = await send({ status, headers: PROBLEM, body }, 'PARTIALLY_FAILED');
    expect(tries.length).toBe(1);
    expect(told).toContain('receiver-refused');
    expect(told).toContain('Pratica chiusa: numero 7');
  });

  it('3: a problem in a 2xx is a fault: whose, its own status tells', async () => {
    const said = (status: number) => ({ status: 200, headers: PROBLEM, body: JSON.stringify({ title: 'No', status }) });
    const refused = await send(said(422), 'PARTIALLY_FAILED');
    expect([refused.tries.length, refused.told]).toEqual([1, expect.stringContaining('receiver-refused')]);
    expect((await send(said(500), 'COMPLETED')).tries.length).toBe(2);
    expect((await send({ status: 200, body: '{"title":"No"}' }, 'COMPLETED')).tries.length).toBe(1);
  });
});
