import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import amqp from 'amqplib';
import { http, idOf, statusWhen } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeParticipants, writeRegistry, type TestDestinations } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const [, standard] = SHAPES[1];

describe('11: cluster', () => {
  let ground: Ground;
  let receiver: Receiver;
  let directory: string;
  let destinations: TestDestinations;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([standard(), startReceiver()]);
    const push = {
      channel: 'push-rest' as const,
      url: receiver.url,
      shape: 'json' as const,
      timeoutMs: 2_000,
      concurrency: 16,
    };
    destinations = { pratola: push, regione: push };
    directory = await writeRegistry(destinations);
  }, 120_000);

  afterAll(async () => {
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  const node = (name: string, more: Record<string, string> = {}) =>
    startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_NODE: name, ...more });
  const send = ({ url }: RunningGateway, key: string = randomUUID()) =>
    http(`${url}${REST}`, { key: KEYS.sulmona, body: noticeJson(), headers: { 'idempotency-key': key } });

  it('11: a message repeated at another node is one message', async () => {
    const [a, b] = await Promise.all([node('a'), node('b')]);
    const key = randomUUID();
    const answers = await Promise.all([send(a, key), send(b, key), send(a, key), send(b, key)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(answers.map((answer) => answer.headers['location']?.split('/').at(-1))).size).toBe(1);
    const id = idOf(answers[0] as Awaited<ReturnType<typeof send>>);
    await statusWhen(a.url, id, ({ state }) => state === 'COMPLETED');
    expect(receiver.received.filter(({ headers }) => headers['x-gateway-id'] === id)).toHaveLength(1);
    expect(await Promise.all([a.stop(), b.stop()])).toEqual([0, 0]);
  }, 60_000);

  it('11: what a killed node held is delivered by the other, under the same idempotency key', async () => {
    const [a, b] = await Promise.all([node('killed'), node('survivor')]);
    const answers = await Promise.all(Array.from({ length: 300 }, () => send(a)));
    await a.kill9();
    const ids = answers.map(idOf);
    for (const id of ids) await statusWhen(b.url, id, ({ state }) => state === 'COMPLETED', 60_000);
    const keys = new Map<unknown, Set<unknown>>();
    for (const { headers } of receiver.received)
      keys.set(
        headers['x-gateway-id'],
        (keys.get(headers['x-gateway-id']) ?? new Set()).add(headers['idempotency-key']),
      );
    expect(ids.map((id) => keys.get(id)?.size)).toEqual(ids.map(() => 1));
    expect(await b.stop()).toBe(0);
  }, 120_000);

  it('11: roles may be split over processes', async () => {
    const [door, worker] = await Promise.all([
      node('door', { CROCEVIA_ROLES: 'ingress,admin,relay' }),
      node('worker', { CROCEVIA_ROLES: 'dispatcher' }),
    ]);
    const sent = await send(door);
    await statusWhen(door.url, idOf(sent), ({ state }) => state === 'COMPLETED');
    const { entries } = (await http(`${door.url}/messages/${idOf(sent)}/timeline`, { key: KEYS.sulmona })).json<{
      entries: { event: string; by: string }[];
    }>();
    expect(entries.find(({ event }) => event === 'delivery.delivered')?.by).toBe('worker');
    expect((await http(`${worker.url}${REST}`, { key: KEYS.sulmona, body: noticeJson() })).status).toBe(404);
    await Promise.all([door.stop(), worker.stop()]);
  }, 60_000);

  it('11: a changed registry is told to every node', async () => {
    const told = await node('told');
    const connection = await amqp.connect(ground.env['AMQP_URL'] as string);
    const channel = await connection.createConfirmChannel();
    const revision = async () =>
      (await http(`${told.url}/admin/registry`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).json<{
        revision: string;
      }>().revision;
    await channel.assertExchange('crocevia.control', 'fanout', { durable: true });
    const mine = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(mine.queue, 'crocevia.control', '');
    const heard = new Promise<string>(
      (resolve) => void channel.consume(mine.queue, (event) => resolve(String(event?.content)), { noAck: true }),
    );
    const before = await revision();
    await writeParticipants(directory, { ...destinations, expiresAfter: 3_600 });
    const { pattern, data } = JSON.parse(await heard) as { pattern: string; data: { revision: string } };
    expect(pattern).toBe('registry.changed');
    expect(data.revision).not.toBe(before);
    expect(await revision()).toBe(data.revision);
    await connection.close();
    await told.stop();
  }, 60_000);

  it('2: a node that does not see its documents change loads them on the hint of another one', async () => {
    // A directory behind a link that is swapped, as container platforms mount settings, tells its watcher nothing.
    const own = await mkdtemp(join(tmpdir(), 'crocevia-blind-'));
    const seen = join(own, 'registry');
    await writeParticipants(directory, destinations);
    await symlink(await writeRegistry(destinations), seen);
    // Both begin with the same documents, so that neither gives the other one a hint before the swap.
    const a = await node('seeing');
    const b = await node('blind', { CROCEVIA_REGISTRY_DIR: seen });
    const before = await revisionOf(b);
    await symlink(await writeRegistry({ ...destinations, expiresAfter: 1_800 }), join(own, 'next'));
    await rename(join(own, 'next'), seen);
    expect(await revisionOf(b)).toBe(before);
    await writeParticipants(directory, { ...destinations, expiresAfter: 7_200 });
    const end = Date.now() + 20_000;
    while ((await revisionOf(b)) === before && Date.now() < end) await pause(25);
    await Promise.all([a.stop(), b.stop()]);
    expect(b.logs()).toContain('"event":"registry.loaded"');
  }, 60_000);

  it('11: PostgreSQL without RabbitMQ is one process; a second one refuses to boot', async () => {
    const alone = {
      DATABASE_URL: ground.env['DATABASE_URL'] as string,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_NODE: 'same',
    };
    const first = await startGateway(alone);
    await expect(startGateway(alone)).rejects.toThrow(/Another gateway process works on the database/);
    expect((await send(first)).status).toBe(202);
    await first.kill9();
    const next = await startGateway(alone);
    expect((await send(next)).status).toBe(202);
    await next.stop();
  }, 180_000);
});

const revisionOf = async ({ url }: RunningGateway) => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await http(`${url}/admin/registry`, { headers })).json<{ revision: string }>().revision;
};
