import { http, idOf, statusWhen, type StatusView } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { freePort } from '../support/ports.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const COUNT = 40;

describe.each(SHAPES)('4: a receiver that is away, %s', (_shape, start) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver | undefined;
  let port: number;

  beforeAll(async () => {
    [ground, port] = await Promise.all([start(), freePort()]);
    const retry = { attempts: 100, firstDelayMs: 20, maxDelayMs: 50 };
    const push = { channel: 'push-rest' as const, url: `http://127.0.0.1:${port}/in`, shape: 'json' as const, retry };
    const directory = await writeRegistry({ pratola: push, regione: push });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await receiver?.stop();
    await ground.stop();
  }, 60_000);

  it('4: is spared, its messages wait and burn few attempts, and go when one probe has come through', async () => {
    const send = () => http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson('r_abruzz') });
    const ids = (await Promise.all(Array.from({ length: COUNT }, send))).map(idOf);
    const isSpared = ({ deliveries: [one] }: StatusView) => one?.fault?.code === 'circuit-open';
    const spared = await Promise.any(ids.map((id) => statusWhen(gateway.url, id, isSpared)));
    expect(spared.deliveries[0]).toMatchObject({ state: 'SUSPENDED' });
    expect(gateway.logs()).toContain('"event":"delivery.circuit"');
    receiver = await startReceiver(port);
    const ended: StatusView[] = [];
    for (const id of ids) ended.push(await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED', 60_000));
    const attempts = ended.map(({ deliveries }) => deliveries[0]!.attempts).reduce((sum, one) => sum + one, 0);
    console.log(`${attempts} attempts for ${COUNT} messages`);
    expect(attempts).toBeLessThan(2 * COUNT);
  }, 120_000);
});
