import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const SYSTEMS = 1_000;
const EACH = 2;
const PER_SECOND = 100;
/** What noise alone makes of a p99 on two cores, beside the fifth that is granted (milliseconds). */
const NOISE_MS = 150;
const [, standard] = SHAPES[1];
const idOf = (index: number) => `t${String(index).padStart(4, '0')}`;
const isWatched = (index: number) => index % 2 === 0;

/** Every second body is watched; of the others half are where nobody will answer, half where nobody will listen. */
function bodyOf(index: number, { watched, silent, gone }: Record<'watched' | 'silent' | 'gone', string>) {
  const id = idOf(index);
  const url = isWatched(index) ? watched : index % 4 === 1 ? silent : gone;
  const retry = { attempts: 100, firstDelayMs: 500, maxDelayMs: 5_000 };
  const provides = [{ service: 'VariazioneAnagrafica', version: 1 }];
  const documents: RegistryDocument[] = [
    { kind: 'participant', id, name: id, type: 'municipality', parent: 'r_abruzz' },
    {
      kind: 'system',
      id: `${id}.anagrafe`,
      participant: id,
      provides,
      receives: { channel: 'push-rest', url: `${url}/${id}`, shape: 'json', timeoutMs: 1_000, retry },
    },
    { kind: 'agreement', id: `sulmona-${id}`, consumer: 'c_i804', provider: id, ...provides[0]! },
  ];
  return documents;
}

describe('4: 500 dead systems among 1,000', () => {
  let ground: Ground;
  let receivers: Receiver[];
  let gateway: RunningGateway;

  beforeAll(async () => {
    [ground, ...receivers] = await Promise.all([standard(), startReceiver(), startReceiver(), startReceiver()]);
    const [watched, silent, gone] = receivers.map(({ url }) => url) as [string, string, string];
    const box = { channel: 'box' as const };
    const directory = await writeRegistry({ pratola: box, regione: box });
    const bodies = Array.from({ length: SYSTEMS }, (_, index) => bodyOf(index, { watched, silent, gone })).flat();
    await writeFile(join(directory, 'bodies.yaml'), bodies.map((one) => stringify(one)).join('---\n'));
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 240_000);

  afterAll(async () => {
    await gateway.stop();
    await Promise.all(receivers.map((one) => one.stop()));
    await ground.stop();
  }, 60_000);

  /** Open loop to every system in turn; milliseconds from sending to the arrival at those watched, ascending. */
  async function round(): Promise<readonly number[]> {
    const sent = new Map<string, number>();
    const before = receivers[0]!.received.length;
    const arrived: number[] = [];
    const start = performance.now();
    const sending: Promise<void>[] = [];
    for (let number = 0; number < SYSTEMS * EACH; number++) {
      await pause(Math.max(0, start + (number * 1_000) / PER_SECOND - performance.now()));
      sending.push(send(number % SYSTEMS, sent));
    }
    await Promise.all(sending);
    const watched = (SYSTEMS * EACH) / 2;
    for (let seen = before; arrived.length < watched; seen++) {
      const { headers, at } = await nth(seen);
      const since = sent.get(headers['x-message-id'] as string);
      if (since !== undefined) arrived.push(at - since);
    }
    return arrived.sort((one, other) => one - other);
  }

  async function send(index: number, sent: Map<string, number>): Promise<void> {
    const key = randomUUID();
    sent.set(key, performance.now());
    const url = `${gateway.url}/rest/${idOf(index)}/v1/VariazioneAnagrafica/notifiche`;
    const answer = await http(url, { key: KEYS.sulmona, body: noticeJson(), headers: { 'idempotency-key': key } });
    expect(answer.status).toBe(202);
  }

  async function nth(place: number) {
    const { received } = receivers[0]!;
    const end = performance.now() + 60_000;
    while (received.length <= place && performance.now() < end) await pause(5);
    return received[place]!;
  }

  it('4: change nothing for the other 500', async () => {
    await round();
    const alive = await round();
    receivers[1]!.answerWith(() => undefined);
    await receivers[2]!.stop();
    const dying = await round();
    const p99 = (times: readonly number[]) => times[Math.floor(times.length * 0.99)]!;
    const p50 = (times: readonly number[]) => times[times.length >> 1]!;
    const isAsBefore = (times: readonly number[]) =>
      p99(times) < 1.2 * p99(alive) + NOISE_MS && p50(times) < 1.2 * p50(alive) + NOISE_MS / 5;
    // What the dead cost shows in every round, what else runs on the machine in one.
    let dead = await round();
    for (let again = 0; again < 2 && !isAsBefore(dead); again++) dead = await round();
    const told = (times: readonly number[]) => `p50 ${p50(times).toFixed(0)} p99 ${p99(times).toFixed(0)} ms`;
    console.log(`all alive ${told(alive)}; while 500 die ${told(dying)}; 500 dead ${told(dead)}`);
    expect(dead).toHaveLength(alive.length);
    expect(p99(dead)).toBeLessThan(1.2 * p99(alive) + NOISE_MS);
    expect(p50(dead)).toBeLessThan(1.2 * p50(alive) + NOISE_MS / 5);
  }, 300_000);
});
