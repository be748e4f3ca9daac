import { randomUUID } from 'node:crypto';
import { http, idOf, statusWhen, type StatusView } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const [, standard] = SHAPES[1];
const CONVERSATIONS = 12;
const EACH = 15;

describe('2: order within a conversation, two nodes over RabbitMQ', () => {
  let ground: Ground;
  let receiver: Receiver;
  let directory: string;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([standard(), startReceiver()]);
    const retry = { attempts: 100, firstDelayMs: 50, maxDelayMs: 200 };
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const, timeoutMs: 2_000 };
    const regione = { ...push, concurrency: 16, retry };
    directory = await writeRegistry({ pratola: push, regione, ordered: true });
  }, 120_000);

  afterAll(async () => {
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  const node = (name: string) => startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_NODE: name });
  const send = async ({ url }: RunningGateway, conversation: string, sequence: string | null = null) => {
    const numbered = sequence !== null && { 'x-sequence-number': sequence };
    const headers = { 'idempotency-key': randomUUID(), 'x-conversation-id': conversation, ...numbered };
    const answer = await http(`${url}${REST}`, { key: KEYS.sulmona, body: noticeJson(), headers });
    expect(answer.status).toBe(202);
    return idOf(answer);
  };
  const firsts = (conversation: string) => [
    ...new Set(
      receiver.received
        .filter(({ headers }) => headers['x-conversation-id'] === conversation)
        .map(({ headers }) => headers['x-gateway-id']),
    ),
  ];
  const completed = ({ state }: StatusView) => state === 'COMPLETED';

  it('2: first deliveries come in order while a receiver fails at random and a node is killed', async () => {
    const [a, b] = await Promise.all([node('killed'), node('survivor')]);
    // Every conversation fails now and then, and the last one until the end: it holds nobody else.
    let isStuck = true;
    receiver.answerWith(({ headers }, reply) => {
      const stuck = headers['x-conversation-id'] === 'stuck' && isStuck;
      void reply.writeHead(stuck || Math.random() < 0.2 ? 503 : 200).end();
    });
    const stuck = [await send(b, 'stuck'), await send(b, 'stuck')];
    const names = Array.from({ length: CONVERSATIONS }, (_, n) => `conversation-${n}`);
    const sent = new Map(names.map((name) => [name, [] as string[]]));
    const round = async (name: string, n: number, last: RunningGateway) =>
      void sent.get(name)?.push(await send(n % 2 ? b : last, name));
    for (let n = 0; n < EACH; n++) {
      if (n === 8) await a.kill9();
      await Promise.all(names.map((name) => round(name, n, n < 8 ? a : b)));
    }
    for (const ids of sent.values()) for (const id of ids) await statusWhen(b.url, id, completed, 90_000);
    for (const [name, ids] of sent) expect([name, firsts(name)]).toEqual([name, ids]);
    expect(firsts('stuck')).toEqual(stuck.slice(0, 1));
    isStuck = false;
    for (const id of stuck) await statusWhen(b.url, id, completed, 30_000);
    expect(firsts('stuck')).toEqual(stuck);
    expect(await b.stop()).toBe(0);
  }, 240_000);

  it('2: a message waits for the number before it, and its sender sees why', async () => {
    receiver.answerWith((_received, reply) => void reply.writeHead(200).end());
    const one = await node('one');
    const first = await send(one, 'numbered', '1');
    const third = await send(one, 'numbered', '3');
    await statusWhen(one.url, first, completed);
    const waits = await statusWhen(one.url, third, ({ deliveries: [delivery] }) => delivery?.fault != null);
    expect(waits.deliveries[0]).toMatchObject({ state: 'QUEUED', attempts: 0, fault: { code: 'sequence-gap' } });
    expect(waits.deliveries[0]).toMatchObject({ conversation: 'numbered', sequence: 3, waitsForItsTurn: true });
    const second = await send(one, 'numbered', '2');
    for (const id of [second, third]) await statusWhen(one.url, id, completed);
    expect(firsts('numbered')).toEqual([first, second, third]);
    const again = await send(one, 'numbered', '2');
    const late = await statusWhen(one.url, again, ({ state }) => state === 'PARTIALLY_FAILED');
    expect(late.deliveries[0]).toMatchObject({ state: 'FAILED', attempts: 0, fault: { code: 'sequence-passed' } });
    const wrong = await http(`${one.url}${REST}`, {
      key: KEYS.sulmona,
      body: noticeJson(),
      headers: { 'x-sequence-number': '0' },
    });
    expect(wrong.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place: 'X-Sequence-Number' });
    expect(await one.stop()).toBe(0);
  }, 90_000);
});
