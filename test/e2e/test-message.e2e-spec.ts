import { http, idOf, statusWhen, type HttpAnswer } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson, noticeElement } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { asOperator, codeOf } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { embedded, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

interface Told {
  readonly id: string | null;
  readonly status: number | null;
  readonly answer: string;
  readonly faults: readonly { readonly code: string; readonly violations: readonly { readonly path: string }[] }[];
}

const SERVICE = 'service=VariazioneAnagrafica&version=1';
const OWN = {
  id: 'prova-c_h007',
  consumer: 'c_h007',
  provider: 'c_h007',
  service: 'VariazioneAnagrafica',
  version: 1,
};

describe('test messages of operators, embedded', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([embedded(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'original' },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    for (const path of ['', '/prova-c_h007/grant'])
      await http(`${gateway.url}/admin/agreements${path}`, {
        method: 'POST',
        ...asOperator,
        ...(!path && { body: OWN }),
      });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop()]);
  }, 60_000);

  const send = (
    system: string,
    query: string,
    body: object | string,
    by: OperatorName = 'region',
  ): Promise<HttpAnswer> =>
    http(`${gateway.url}/admin/systems/${system}/test-messages?${SERVICE}${query}`, {
      method: 'POST',
      headers: { ...bearer(by), ...(typeof body === 'string' && { 'content-type': 'application/xml' }) },
      body,
    });
  const get = <T>(path: string) => http(`${gateway.url}${path}`, asOperator).then((answer) => answer.json<T>());
  const exampleFor = async (consumer: string, provider: string) => {
    const at = `/admin/services/VariazioneAnagrafica/versions/1/example?consumer=${consumer}&provider=${provider}`;
    return get<{ operation: string; path: string; body: string }>(at);
  };
  const forReceiver = (id: string | null) => pratola.next(({ headers }) => headers['x-gateway-id'] === id);

  it('9. an example of the published schema goes over the whole path to the body’s own system, marked as a test', async () => {
    const example = await exampleFor('c_h007', 'c_h007');
    expect(example).toMatchObject({ operation: 'notificaVariazione', path: '/notifiche' });
    const told = (await send('pratola.protocollo', '', JSON.parse(example.body) as object)).json<Told>();
    expect(told).toMatchObject({ status: 202, faults: [] });
    expect((await forReceiver(told.id)).headers).toMatchObject({ 'x-test-message': 'true', 'x-sender': 'c_h007' });
    await statusWhen(gateway.url, told.id!, ({ state }) => state === 'COMPLETED');
    expect(await get(`/admin/messages/${told.id}`)).toMatchObject({ isTest: true, sender: 'c_h007' });
    const { items } = await get<{ items: object[] }>(`/admin/messages?text=${told.id}`);
    expect(items).toMatchObject([{ isTest: true }]);
    const audit = await get<{ items: object[] }>(`/admin/audit?event=test-message.sent&subject=${told.id}`);
    expect(audit.items).toMatchObject([
      { operator: 'region', detail: { system: 'pratola.protocollo', provider: 'c_h007', live: 'false' } },
    ]);
  });

  it('9. XML is sent as well as JSON, and the same content twice is two messages', async () => {
    const xml = noticeElement().replace('c_i804', 'c_h007');
    const [one, other] = [await send('pratola.protocollo', '', xml), await send('pratola.protocollo', '', xml)];
    expect([one.json<Told>().status, other.json<Told>().status]).toEqual([202, 202]);
    expect(one.json<Told>().id).not.toBe(other.json<Told>().id);
    await forReceiver(other.json<Told>().id);
  });

  it('9. what would be refused is told with every fault, and nothing is stored or sent', async () => {
    const count = async () => (await get<{ items: object[] }>('/admin/messages?sender=c_h007&limit=100')).items.length;
    const before = await count();
    const wrong = { ...noticeJson('c_h007', 'c_h007'), generalita: {} };
    const told = (await send('pratola.protocollo', '', wrong)).json<Told>();
    expect(told).toMatchObject({ id: null, status: null, faults: [{ code: 'schema-violation' }] });
    expect(told.faults[0]!.violations.length).toBeGreaterThan(1);
    const unagreed = (
      await send('raiano.anagrafe', '&provider=c_h007&live=true', noticeJson('c_h007', 'c_h166'))
    ).json<Told>();
    expect(unagreed.faults).toMatchObject([{ code: 'not-authorised' }]);
    expect(await count()).toBe(before);
  });

  it('9. never to another body unless the order says so', async () => {
    const before = pratola.received.length;
    const refused = await send('sulmona.anagrafe', '&provider=c_h007', noticeJson('c_h007'));
    expect(codeOf(refused)).toEqual([409, 'test-would-be-live']);
    expect(pratola.received.length).toBe(before);
    const told = (await send('sulmona.anagrafe', '&provider=c_h007&live=true', noticeJson('c_h007'))).json<Told>();
    expect((await forReceiver(told.id)).headers).toMatchObject({ 'x-test-message': 'true', 'x-sender': 'c_i804' });
    expect([told.status, told.answer]).toEqual([202, '']);
  });

  it('9. only between bodies in the scope, whatever the order says', async () => {
    const live = await send('sulmona.anagrafe', '&provider=c_h007&live=true', noticeJson('c_h007'), 'sulmona');
    expect(codeOf(live)).toEqual([403, 'operator-not-allowed']);
    expect(codeOf(await send('sulmona.anagrafe', '', noticeJson('c_i804'), 'centre'))).toEqual([
      404,
      'document-unknown',
    ]);
    expect(codeOf(await send('pratola.protocollo', '', noticeJson(), 'auditor'))).toEqual([
      403,
      'operator-not-allowed',
    ]);
  });

  it('9. a key is made by the gateway, told once, kept as its hash, and opens the doors at once', async () => {
    const path = `${gateway.url}/admin/systems/raiano.anagrafe/api-keys?reason=nuovo+fornitore`;
    const made = await http(path, { method: 'POST', headers: bearer('region') });
    expect(made.status).toBe(201);
    const { key, id } = made.json<{ key: string; id: string }>();
    expect(key).toMatch(/^raiano-anagrafe-[0-9a-f]{8}\.[\w-]{32}$/);
    for (const one of [key, KEYS.raiano])
      expect((await http(`${gateway.url}/box/messages?max=1`, { key: one })).status).toBe(200);
    const shown = (await http(`${gateway.url}/admin/registry/documents/system/raiano.anagrafe`, asOperator)).text;
    expect([shown.includes(id), shown.includes(key.split('.')[1]!)]).toEqual([true, false]);
    expect((await http(path, { method: 'POST', headers: bearer('centre') })).status).toBe(404);
  });

  it('9. reports leave tests out; a sender cannot make its messages tests', async () => {
    const to = `${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const headers = { 'x-test-message': 'true' };
    const real = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007'), headers }));
    expect((await forReceiver(real)).headers['x-test-message']).toBeUndefined();
    expect(await get(`/admin/messages/${real}`)).not.toHaveProperty('isTest');
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' }).format(new Date());
    const volumes = () => http(`${gateway.url}/admin/reports/volumes?from=${day}&to=${day}`, asOperator);
    await until(async () => (await volumes()).text.includes('c_i804'));
    const { items } = await get<{ items: { id: string; isTest?: boolean }[] }>('/admin/messages?limit=100');
    expect(items.filter(({ isTest }) => isTest).length).toBeGreaterThan(3);
    const { columns, rows } = (await volumes()).json<{
      columns: readonly { name: string }[];
      rows: readonly unknown[][];
    }>();
    const at = columns.findIndex(({ name }) => name === 'messages');
    expect(rows.map((row) => [row[0], row[at]])).toEqual([
      ['c_h007', 1],
      ['c_i804', 1],
    ]);
  }, 60_000);
});
