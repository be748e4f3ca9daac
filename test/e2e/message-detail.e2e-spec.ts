import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, SOAP11_HEADERS } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Detail {
  readonly id: string;
  readonly businessKeys: readonly { readonly name: string; readonly value: string | null }[];
  readonly tries: readonly {
    readonly target: string;
    readonly status: number | null;
    readonly duration: number;
    readonly response: string | null;
    readonly receiver: string;
  }[];
  readonly related: readonly { readonly id: string; readonly relation: string }[];
  readonly notes: readonly { readonly operator: string; readonly note: string }[];
  readonly views: readonly { readonly operator: string; readonly address: string }[] | null;
}

describe('a message with what belongs to it, and exports, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    pratola = await startReceiver();
    const url = `${pratola.url}/in?secret=canarino`;
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url, shape: 'json', retry: { attempts: 1 }, headers: { 'x-key': 'canarino' } },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (name: OperatorName, path: string, call: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: bearer(name) });
  const send = async (headers: Record<string, string> = {}, to = 'c_h007') => {
    const url = `${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`;
    return idOf(await http(url, { key: KEYS.sulmona, body: noticeJson(to), headers }));
  };
  const detail = async (name: OperatorName, id: string) => (await as(name, `messages/${id}`)).json<Detail>();

  it('4. a message tells its tries with address, status and time, and no secret', async () => {
    pratola.answerWith((_received, reply) => reply.writeHead(400).end('canarino della risposta'));
    const id = await send();
    await statusWhen(gateway.url, id, ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
    const { tries, businessKeys } = await detail('platform', id);
    expect(tries).toMatchObject([
      { target: `${pratola.url}/in`, status: 400, receiver: 'c_h007', response: expect.any(String) },
    ]);
    expect(tries[0]!.duration).toBeGreaterThanOrEqual(0);
    expect(businessKeys).toContainEqual({ name: 'codiceFiscale', value: expect.any(String) });
    const seen = await detail('auditor', id);
    expect(seen.tries[0]!.response).toBeNull();
    expect(seen.businessKeys.map(({ value }) => value)).toEqual([null, null]);
    expect((await as('platform', `messages/${id}`)).text).not.toContain('secret=');
  });

  it('4. messages of one conversation know each other, within the scope', async () => {
    const first = await send({ 'x-correlation-id': 'pratica-9' });
    const second = await send({ 'x-correlation-id': 'pratica-9' }, 'r_abruzz');
    expect((await detail('sulmona', first)).related).toMatchObject([{ id: second, relation: 'same-correlation' }]);
    expect((await detail('centre', first)).related).toEqual([]);
  });

  it('2. tells what each receiver is given, as it was given, to who may see contents', async () => {
    const body = envelope();
    const soap = await http(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, {
      key: KEYS.sulmona,
      body,
      headers: SOAP11_HEADERS,
    });
    const id = idOf(soap);
    const arrived = await pratola.next(({ headers }) => headers['x-gateway-id'] === id);
    const { deliveries } = (await detail('platform', id)) as unknown as { deliveries: { deliveryId: string }[] };
    const path = `messages/${id}/deliveries/${deliveries[0]!.deliveryId}/content`;
    const { headers, ...given } = (await as('centre', path)).json<{ headers: Record<string, string> }>();
    expect(given).toEqual({
      system: 'pratola.protocollo',
      channel: 'push-rest',
      size: arrived.body.length,
      text: arrived.body.toString(),
    });
    for (const name of ['content-type', 'idempotency-key', 'x-message-id', 'x-sender'])
      expect([name, headers[name]]).toEqual([name, arrived.headers[name]]);
    expect([arrived.headers['x-key'], headers['x-key']]).toEqual(['canarino', undefined]);
    const { views } = await detail('auditor', id);
    expect(views).toMatchObject([{ operator: 'centre' }]);
    const statuses = await Promise.all(
      (['auditor', 'raiano', 'sulmona'] as const).map(async (name) => (await as(name, path)).status),
    );
    expect(statuses).toEqual([403, 404, 200]);
    expect((await as('platform', `messages/${id}/deliveries/${id}/content`)).json()).toMatchObject({
      code: 'message-unknown',
    });
  });

  it('2. what a box holds is told too', async () => {
    const id = await send({}, 'r_abruzz');
    await statusWhen(gateway.url, id, (status) => status.deliveries.some(({ state }) => state === 'AVAILABLE'));
    const { deliveries } = (await detail('platform', id)) as unknown as { deliveries: { deliveryId: string }[] };
    const shown = await as('platform', `messages/${id}/deliveries/${deliveries[0]!.deliveryId}/content`);
    expect(shown.json()).toMatchObject({ channel: 'box', text: JSON.stringify(noticeJson('r_abruzz')) });
  });

  it('4. who looked at contents is told to those who may read the audit', async () => {
    const id = await send();
    expect((await as('centre', `messages/${id}/content`)).status).toBe(200);
    const { views } = await detail('auditor', id);
    expect(views).toMatchObject([{ operator: 'centre', address: '127.0.0.1' }]);
    expect((await detail('centre', id)).views).toBeNull();
  });

  it('4. a note is read by operators, kept in journal and audit, and never told to the sender', async () => {
    const id = await send();
    const noted = await as('centre', `messages/${id}/notes`, { body: { note: ' Chiamato il fornitore ' } });
    expect([noted.status, noted.json<Detail>().notes]).toMatchObject([
      201,
      [{ operator: 'centre', note: 'Chiamato il fornitore' }],
    ]);
    expect((await detail('auditor', id)).notes).toHaveLength(1);
    expect((await as('platform', `messages/${id}/timeline`)).text).toContain('Chiamato il fornitore');
    const own = await http(`${gateway.url}/messages/${id}/timeline`, { key: KEYS.sulmona });
    expect([own.status, own.text.includes('noted')]).toEqual([200, false]);
    const audit = await as('platform', `audit?event=message.noted&subject=${id}`);
    expect(audit.json()).toMatchObject({ items: [{ operator: 'centre' }] });
    expect(audit.text).not.toContain('fornitore');
    for (const body of [{}, { note: ' ' }, { note: 'x'.repeat(2_001) }, { note: 7 }, { note: 'a\0b' }])
      expect((await as('centre', `messages/${id}/notes`, { body })).json()).toMatchObject({
        code: 'parameter-wrong',
        place: 'note',
      });
    expect((await as('raiano', `messages/${id}/notes`, { body: { note: 'x' } })).status).toBe(404);
  });

  it('4. an export streams what the filter finds, as CSV without formulas and as NDJSON that tells its end', async () => {
    const id = await send({ 'x-correlation-id': '=HYPERLINK("http://x")' });
    const query = `q=${encodeURIComponent('=HYPERLINK("http://x")')}`;
    const csv = await as('platform', `messages/export?${query}`);
    expect([csv.status, csv.headers['content-type'], csv.headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="messages.csv"',
    ]);
    const [head, row, ...more] = csv.text.split('\n');
    expect(head).toMatch(/^id,messageId,correlationId,acceptedAt,sender,/);
    expect(row).toContain(id);
    expect(row).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(more).toEqual(['']);

    const all = await as('platform', 'messages/export?format=ndjson');
    const lines = all.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id?: string; end?: object });
    expect(lines.at(-1)).toEqual({ end: { rows: lines.length - 1, more: false } });
    expect(lines.map((line) => line.id)).toContain(id);
    const foreign = await as('raiano', 'messages/export?format=ndjson');
    expect(foreign.text).toBe('{"end":{"rows":0,"more":false}}\n');
    const audit = await as('platform', 'audit?event=messages.exported');
    expect(audit.text).toContain('"q":"***"');
    expect(audit.text).not.toContain('HYPERLINK');
    expect((await as('platform', 'messages/export?format=xls')).status).toBe(400);
  });
});
