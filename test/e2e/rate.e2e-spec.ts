import { http, idOf } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { allArrived } from '../support/load.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const [, embedded] = SHAPES[0];
const [RATE, COUNT] = [5, 25];

describe('4: a receiver with a rate', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([embedded(), startReceiver()]);
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const, rate: RATE };
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ pratola: push, regione: push }),
    });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  it('4: is given so many a second, and all in the end', async () => {
    const times: number[] = [];
    receiver.answerWith((_received, reply) => {
      times.push(Date.now());
      reply.writeHead(200).end();
    });
    const send = () => http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson('r_abruzz') });
    const ids = (await Promise.all(Array.from({ length: COUNT }, send))).map(idOf);
    await allArrived(receiver, ids, 40_000);
    // The first second's burst, then one after the other.
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(((COUNT - RATE) / RATE) * 1_000 - 500);
  }, 60_000);
});
