import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { bytesOf } from '../support/bytes.js';
import { http, statusWhen, idOf } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { growthOf, postLarge, writeLargeRegistry } from '../support/large.js';
import { KEYS } from '../support/registry.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
const MOST_GROWN = 150 * MIB;

describe('downloads that are not read, embedded', () => {
  let gateway: RunningGateway;
  let registry: string;
  let data: string;

  beforeAll(async () => {
    registry = await writeLargeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'box', shape: 'original' },
    });
    data = await dataDirectory();
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_PAYLOADS: `directory:${join(data, 'payloads')}`,
    });
  }, 240_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([registry, data].map((one) => rm(one, { recursive: true, force: true })));
  }, 60_000);

  /** The answer with its head read and nothing of its body. */
  const stalled = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      get(`${gateway.url}${path}`, { headers: { 'x-api-key': KEYS.regione }, agent: false }, resolve).on(
        'error',
        reject,
      ),
    );

  it('6: 200 that are not read are bounded in number and memory, and hold up nobody else', async () => {
    const content = { contentType: 'application/pdf', body: () => bytesOf(48 * MIB, 7) };
    const sent = await postLarge(`${gateway.url}/rest/r_abruzz/v1/Fascicolo/fascicoli`, KEYS.sulmona, content);
    expect(sent.status).toBe(202);
    const status = await statusWhen(gateway.url, idOf(sent), ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
    const path = `/box/messages/${status.deliveries[0]!.deliveryId}/content`;
    const { grown, result } = await growthOf(gateway.pid, async () => {
      const answers = await Promise.all(Array.from({ length: 200 }, () => stalled(path)));
      for (const key of [KEYS.pratola, KEYS.sulmona])
        expect((await http(`${gateway.url}/directory`, { key })).status).toBe(200);
      return answers;
    });
    const counts = [200, 429].map((code) => result.filter(({ statusCode }) => statusCode === code).length);
    expect(counts).toEqual([32, 168]);
    expect(result.find(({ statusCode }) => statusCode === 429)?.headers['retry-after']).toBe('5');
    expect(grown).toBeLessThan(MOST_GROWN);
    for (const one of result) one.destroy();
    await until(async () => {
      const answer = await stalled(path);
      answer.destroy();
      return answer.statusCode === 200;
    });
  }, 90_000);
});
