import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { sendNotice } from '../support/load.js';
import { noticeJson } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const FROM_RAIANO = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';

interface Shown {
  readonly revision: string;
  readonly problems: readonly { readonly file: string; readonly line: number; readonly message: string }[];
}

describe('documents that change while the gateway runs, embedded', () => {
  let gateway: RunningGateway;
  let directory: string;
  let data: string;
  let agreements: string;

  beforeAll(async () => {
    data = await dataDirectory();
    directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    agreements = join(directory, 'raiano.yaml');
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const shown = async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return (await http(`${gateway.url}/admin/registry`, { headers })).json<Shown>();
  };
  const fromRaiano = async () => {
    const notice = noticeJson('r_abruzz');
    const body = { ...notice, testata: { ...(notice['testata'] as object), codiceIpaMittente: 'c_h166' } };
    return (await http(`${gateway.url}${FROM_RAIANO}`, { key: KEYS.raiano, body })).status;
  };
  const agreement = (status: string) =>
    `kind: agreement\nid: raiano-regione\nconsumer: c_h166\nprovider: r_abruzz\nservice: VariazioneAnagrafica\nversion: 1\nstatus: ${status}\nfiltersDuplicates: false\n`;
  /** The registry as it is shown once it is as wanted; throws after 20 s. */
  const shownWhen = async (wanted: (registry: Shown) => boolean): Promise<Shown> => {
    const end = Date.now() + 20_000;
    for (;;) {
      const registry = await shown();
      if (wanted(registry)) return registry;
      if (Date.now() > end) throw new Error(`the registry is not as wanted: ${JSON.stringify(registry)}`);
      await pause(50);
    }
  };

  it('2: a new agreement works without a restart', async () => {
    expect(await fromRaiano()).toBe(403);
    const { revision } = await shown();
    await writeFile(agreements, agreement('active'));
    await shownWhen((registry) => registry.revision !== revision);
    expect(await fromRaiano()).toBe(202);
  }, 60_000);

  it('2: a broken document is told with file and line, and the last good registry stays in force', async () => {
    const { revision } = await shown();
    await writeFile(agreements, agreement('perhaps'));
    const broken = await shownWhen(({ problems }) => problems.length > 0);
    expect(broken.revision).toBe(revision);
    expect(broken.problems).toEqual([expect.objectContaining({ file: 'raiano.yaml', line: 7 })]);
    expect([await fromRaiano(), (await sendNotice(gateway.url))?.status]).toEqual([202, 202]);
    await writeFile(agreements, agreement('active'));
    expect((await shownWhen(({ problems }) => problems.length === 0)).revision).toBe(revision);
    const told = /"level":"error"[^\n]*"file":"raiano.yaml"[^\n]*"event":"registry.refused"/;
    while (!told.test(gateway.logs())) await pause(25);
  }, 60_000);

  it('2: a document that is gone takes its agreement with it, and a reload tells what the watcher would', async () => {
    const participants = await readFile(join(directory, 'participants.yaml'), 'utf8');
    const { revision } = await shown();
    await rm(agreements);
    await shownWhen((registry) => registry.revision !== revision);
    expect(await fromRaiano()).toBe(403);
    await writeFile(join(directory, 'participants.yaml'), participants.replace('type: region', 'type: kingdom'));
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const reload = await http(`${gateway.url}/admin/registry/reload`, { method: 'POST', headers });
    expect([reload.status, reload.text]).toEqual([422, expect.stringContaining('participants.yaml')]);
    expect((await shown()).problems).toHaveLength(1);
    await writeFile(join(directory, 'participants.yaml'), participants);
    await shownWhen(({ problems }) => problems.length === 0);
  }, 60_000);
});
