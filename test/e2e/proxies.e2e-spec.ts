import { rm } from 'node:fs/promises';
import { Agent } from 'undici';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { writeRegistry } from '../support/registry.js';

describe('behind a proxy, embedded', () => {
  let gateway: RunningGateway;
  let data: string;
  const elsewhere = new Agent({ localAddress: '127.0.0.2' });

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    gateway = await startGateway({
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_TRUSTED_PROXIES: '127.0.0.1,192.0.2.0/24',
    });
  }, 240_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await elsewhere.close();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const guess = async (forwarded: string, dispatcher?: Agent) =>
    (
      await http(`${gateway.url}/directory`, {
        key: 'nobody.x',
        headers: { 'x-forwarded-for': forwarded },
        ...(dispatcher && { dispatcher }),
      })
    ).status;
  const guesses = async (count: number, forwarded: (n: number) => string, dispatcher?: Agent) => {
    const answers: number[] = [];
    for (let n = 0; n < count; n++) answers.push(await guess(forwarded(n), dispatcher));
    return answers;
  };

  it('7: who guesses is held back by its own address, through one proxy or two, and nobody beside it', async () => {
    // What the caller writes itself stands before what the proxies append.
    const answers = await guesses(70, (n) => `203.0.113.${n}, 198.51.100.7${n % 2 ? ', 192.0.2.4' : ''}`);
    expect([answers.slice(0, 60).every((one) => one === 401), answers.at(-1)]).toEqual([true, 429]);
    expect(await guess('198.51.100.8')).toBe(401);
    expect(gateway.logs()).toContain('"remote":"198.51.100.7"');
    expect(gateway.logs()).not.toContain('203.0.113.');
  });

  it('7: a caller that is no proxy is believed nothing', async () => {
    const answers = await guesses(70, (n) => `198.51.100.${n}`, elsewhere);
    expect(answers.at(-1)).toBe(429);
    expect(gateway.logs()).toContain('"remote":"127.0.0.2"');
  });
});
