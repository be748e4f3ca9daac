import { randomUUID } from 'node:crypto';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const BURST = 2_000;
/** Of a system that takes two at once and needs 40 ms for each. */
const MS = 40;

describe.each(SHAPES)('4: a burst of one sender, %s', (_shape, start) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([start(), startReceiver()]);
    receiver.answerWith((_received, reply) => void setTimeout(() => reply.writeHead(200).end(), MS));
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const, concurrency: 2 };
    const directory = await writeRegistry({ pratola: push, regione: push, another: { maxPriority: 9 } });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    await gateway.kill9();
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  const send = async (key: string, sender: string, headers: Record<string, string> = {}) => {
    const body = noticeJson('r_abruzz', sender);
    const answer = await http(`${gateway.url}${REST}`, {
      key,
      body,
      headers: { 'idempotency-key': randomUUID(), ...headers },
    });
    expect([answer.status, answer.text]).toEqual([202, expect.anything()]);
    return idOf(answer);
  };

  it('4: does not hold up another sender, nor what is urgent', async () => {
    let left = BURST;
    const sender = async () => {
      while (left-- > 0) await send(KEYS.sulmona, 'c_i804');
    };
    await Promise.all(Array.from({ length: 16 }, sender));
    const before = receiver.received.length;
    const others = [await send(KEYS.pratola, 'c_h007'), await send(KEYS.pratola, 'c_h007', { 'x-priority': '9' })];
    for (const id of others) await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED', 30_000);
    const places = others.map((id) => receiver.received.findIndex(({ headers }) => headers['x-gateway-id'] === id));
    console.log(`${before} of ${BURST} delivered; then after ${places.map((place) => place - before)} more`);
    expect(BURST - before).toBeGreaterThan(1_000);
    // What lies in the broker, two seconds of work, is before them.
    expect(Math.max(...places) - before).toBeLessThan(250);
  }, 180_000);
});
