import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeElement, noticeJson, NOTICE_TYPE, SOAP11_HEADERS } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Row {
  readonly id: string;
  readonly messageId: string;
  readonly correlationId: string;
  readonly state: string;
  readonly receivers: readonly string[];
  readonly businessKeys: readonly { readonly name: string; readonly value: string | null }[];
  readonly attempts: number;
  readonly durationMs: number | null;
  readonly faultCode: string | null;
  readonly protocol: string | null;
  readonly deliveries: readonly { readonly deliveryId: string; readonly receiver: string }[];
}

interface Page {
  readonly items: readonly Row[];
  readonly next: string | null;
  readonly searchedTo: string | null;
}

describe('search of messages, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    pratola = await startReceiver();
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json', retry: { attempts: 1 } },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    await hashesFor(directory, 'c_i804-r_abruzz-VariazioneAnagrafica');
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (name: OperatorName, path: string, call: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: bearer(name) });
  const pageOf = async (query: Record<string, string>, name: OperatorName = 'platform') => {
    const answer = await as(name, `messages?${new URLSearchParams(query).toString()}`);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    return answer.json<Page>();
  };
  const find = async (query: Record<string, string>, name?: OperatorName) =>
    (await pageOf(query, name)).items.map(({ id }) => id);
  const send = async (code: string, to: 'c_h007' | 'r_abruzz', headers: Record<string, string> = {}) => {
    const notice = noticeJson(to) as { generalita: object };
    const body = { ...notice, generalita: { ...notice.generalita, codiceFiscale: code } };
    const url = `${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`;
    const answer = await http(url, { key: KEYS.sulmona, body, headers });
    expect([answer.status, answer.text]).toMatchObject([202, expect.any(String)]);
    return idOf(answer);
  };

  it('4. one box finds a message by its ids, its correlation id and its business keys', async () => {
    const correlation = 'pratica-77';
    const id = await send('BNCMRA85C41I804X', 'c_h007', { 'x-correlation-id': correlation });
    await send('VRDGPP70T10I804Y', 'c_h007');
    const [row] = (await pageOf({ q: id })).items;
    const known = [
      id,
      row!.messageId,
      correlation,
      row!.deliveries[0]!.deliveryId,
      'BNCMRA85C41I804X',
      ' bncmra85 c41 i804x ',
    ];
    for (const q of known) expect([q, await find({ q })]).toEqual([q, [id]]);
    expect(await find({ text: correlation })).toEqual([id]);
    expect(await find({ q: 'BNCMRA85C41' })).toEqual([]);
    expect(row).toMatchObject({
      receivers: ['c_h007'],
      protocol: 'rest',
      businessKeys: [{ name: 'codiceFiscale', value: 'BNCMRA85C41I804X' }, { name: 'idANPR' }],
    });
  });

  it('4. keys come from SOAP too, also where a worker has read the body', async () => {
    const element = noticeElement().replace('RSSMRA80A01I804K', 'FRRLCU91B02I804Z');
    const ids: string[] = [];
    for (const body of [element, element.replace('>', `>${' '.repeat(20_000)}`)]) {
      const url = `${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`;
      const answer = await http(url, { key: KEYS.sulmona, body: envelope({ body }), headers: SOAP11_HEADERS });
      expect([answer.status, answer.text]).toMatchObject([200, expect.anything()]);
      ids.unshift(idOf(answer));
    }
    expect(await find({ q: 'frrlcu91b02i804z' })).toEqual(ids);
  });

  it('4. where an agreement says hashed, a key is found and never shown', async () => {
    const id = await send('NRELSN79D12I804W', 'r_abruzz');
    const { items } = await pageOf({ q: 'nrelsn79d12i804w' });
    expect(items.map((row) => row.id)).toEqual([id]);
    expect(items[0]!.businessKeys).toContainEqual({ name: 'codiceFiscale', value: null });
    expect((await as('platform', `messages?q=${id}`)).text).not.toContain('NRELSN79D12I804W');
    expect(gateway.logs()).not.toContain('NRELSN79D12I804W');
  });

  it('4. who may not see contents sees no key, and who is out of scope finds nothing', async () => {
    const id = await send('GLLPLA60E45I804V', 'c_h007');
    expect(await find({ q: 'GLLPLA60E45I804V' }, 'centre')).toEqual([id]);
    expect(await find({ q: 'GLLPLA60E45I804V' }, 'raiano')).toEqual([]);
    expect(await find({ q: id }, 'raiano')).toEqual([]);
    const [seen] = (await pageOf({ q: id }, 'auditor')).items;
    expect(seen!.businessKeys).toContainEqual({ name: 'codiceFiscale', value: null });
  });

  it('4. a receiver’s operator learns nothing of the other receivers by filtering', async () => {
    const event = {
      ...{
        specversion: '1.0',
        id: `fan-${Date.now()}`,
        source: '/sulmona',
        datacontenttype: 'application/json',
        type: NOTICE_TYPE,
      },
      data: noticeJson(),
    };
    const headers = { 'content-type': 'application/cloudevents+json' };
    const answer = await http(`${gateway.url}/messages`, { key: KEYS.sulmona, body: JSON.stringify(event), headers });
    expect([answer.status, answer.text]).toMatchObject([202, expect.anything()]);
    const id = idOf(answer);
    expect(await find({ q: id, receiver: 'r_abruzz' }, 'sulmona')).toEqual([id]);
    expect(await find({ q: id, receiver: 'c_h007' }, 'centre')).toEqual([id]);
    expect(await find({ q: id, receiver: 'r_abruzz' }, 'centre')).toEqual([]);
    expect((await pageOf({ q: id }, 'centre')).items[0]!.receivers).toEqual(['c_h007']);
  });

  it('4. every filter narrows, and pages follow each other newest first', async () => {
    pratola.answerWith((_received, reply) => reply.writeHead(503).end());
    const failed = await send('MRTGNN50A01I804A', 'c_h007');
    await statusWhen(gateway.url, failed, ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
    const bad = await http(`${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: { no: 1 },
    });
    const refused = idOf(bad);
    const boxed = await send('MRTGNN50A01I804B', 'r_abruzz');
    const sound = await send('MRTGNN50A01I804C', 'c_h007');
    await statusWhen(gateway.url, sound, ({ state }) => state === 'COMPLETED');

    const of = async (query: Record<string, string>) => {
      const found = await find({ limit: '500', ...query });
      return [failed, refused, boxed, sound].filter((id) => found.includes(id));
    };
    expect(await of({})).toEqual([failed, refused, boxed, sound]);
    expect(await of({ state: 'PARTIALLY_FAILED' })).toEqual([failed]);
    expect(await of({ state: 'REJECTED' })).toEqual([refused]);
    expect(await of({ state: 'ACCEPTED' })).toEqual([boxed]);
    expect(await of({ state: 'COMPLETED' })).toEqual([sound]);
    expect(await of({ fault: 'schema-violation' })).toEqual([refused]);
    expect(await of({ receiver: 'r_abruzz' })).toEqual([boxed]);
    expect(await of({ receiver: 'pratola.protocollo' })).toEqual([failed, sound]);
    expect(await of({ sender: 'sulmona.anagrafe', service: 'VariazioneAnagrafica' })).toHaveLength(4);
    expect(await of({ sender: 'c_h007' })).toEqual([]);
    expect(await of({ attempts: '1' })).toEqual([failed, boxed, sound]);
    expect(await of({ attempts: '2' })).toEqual([]);
    expect(await of({ protocol: 'rest' })).toEqual([failed, refused, boxed, sound]);
    expect(await of({ protocol: 'soap12' })).toEqual([]);
    const [row] = (await pageOf({ q: failed })).items;
    const code = row!.faultCode!;
    expect(row).toMatchObject({ attempts: 1, durationMs: expect.any(Number), faultCode: expect.any(String) });
    expect(await of({ fault: code, receiver: 'c_h007', sender: 'c_i804', state: 'PARTIALLY_FAILED' })).toEqual([
      failed,
    ]);
    const now = new Date();
    expect(await of({ from: new Date(now.getTime() - 600_000).toISOString() })).toHaveLength(4);
    expect(await of({ to: new Date(now.getTime() - 600_000).toISOString() })).toEqual([]);

    const all = await find({ limit: '500' });
    const paged: string[] = [];
    for (let before: string | null = 'ffffffff-ffff-ffff-ffff-ffffffffffff'; before !== null;) {
      const page: Page = await pageOf({ limit: '2', before });
      paged.push(...page.items.map(({ id }) => id));
      before = page.next;
    }
    expect(paged).toEqual(all);
    expect(all).toEqual(all.toSorted().toReversed());
  }, 60_000);

  it.each([
    'state=NONE',
    'fault=none',
    'protocol=ftp',
    'attempts=0',
    'from=yesterday',
    'to=2026-99-99T00:00:00Z',
    'q=%20',
    `q=${'x'.repeat(600)}`,
  ])('4. %s is told apart from no result', async (query) => {
    const answer = await as('platform', `messages?${query}`);
    expect([answer.status, answer.json()]).toMatchObject([400, { code: 'parameter-wrong' }]);
  });
});

/** Business keys of what goes under this agreement are kept as hashes. */
async function hashesFor(directory: string, id: string): Promise<void> {
  const file = join(directory, 'participants.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(`id: ${id}\n`, `id: ${id}\nbusinessKeys: hashed\n`));
}
