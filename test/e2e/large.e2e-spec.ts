import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'undici';
import { bytesOf, sumOf } from '../support/bytes.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { growthOf, postLarge, related, startSink, writeLargeRegistry, type LargeContent } from '../support/large.js';
import { envelope, NOTICE_ACTION } from '../support/messages.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { KEYS } from '../support/registry.js';

const MIB = 1024 * 1024;
/** `npm run verify -- --all` sends as much as the limit allows. */
const SIZE = process.env['ALL'] === '1' ? 1024 * MIB - 64 * 1024 : 256 * MIB;
/** Above the idle gateway. */
const MOST_GROWN = 150 * MIB;
const TIME = 240_000;

const inoltro = readFileSync('schemas/protocollo/1.0/examples/inoltroProtocollo.xml', 'utf8')
  .replace(/<\?xml[^>]*\?>\s*/, '')
  .replace(
    /<contenuto>[^<]*<\/contenuto>/,
    '<contenuto><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:allegato0"/></contenuto>',
  );

/** SOAP with attachments. */
const swa = (messageId: string, size: number, seed = 1): LargeContent =>
  related(
    'Content-Type: text/xml; charset=utf-8',
    envelope({ messageId }),
    [() => bytesOf(size, seed)],
    'type="text/xml"; start="<busta>"',
  );

const mtom = (messageId: string, size: number): LargeContent =>
  related(
    'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"',
    envelope({ version: '1.2', messageId, body: inoltro }),
    [() => bytesOf(size, 2)],
    'type="application/xop+xml"; start="<busta>"; start-info="application/soap+xml"',
  );

const notice = readFileSync('schemas/anagrafe/1.0/examples/notificaVariazioneAnagrafica.json', 'utf8').replace(
  /"codiceIpaDestinatario": *"[^"]*"/,
  '"codiceIpaDestinatario": "r_abruzz"',
);
const rest = (size: number, seed = 3): LargeContent =>
  related('Content-Type: application/json', notice, [() => bytesOf(size, seed)], 'type="application/json"');
const pdf = (size: number): LargeContent => ({ contentType: 'application/pdf', body: () => bytesOf(size, 4) });

const SOAP = { soapaction: `"${NOTICE_ACTION}"` };
const soapAddress = (url: string) => `${url}/soap/c_h007/v1/VariazioneAnagrafica`;

interface Entry {
  readonly deliveryId: string;
  readonly id: string;
  readonly lease: string;
  readonly content: {
    readonly href: string;
    readonly size: number;
    readonly tag: string;
    readonly contentType: string;
  };
}

/** What lies in the region's box. */
async function fetchBox(url: string): Promise<Entry> {
  const answer = await http(`${url}/box/messages?wait=20&max=1`, { key: KEYS.regione });
  return answer.json<{ messages: Entry[] }>().messages[0]!;
}

/** Downloads in pieces, each cut off by the consumer in its middle: the next one goes on where that ended. */
async function* resumed(href: string, size: number, pieces: number): AsyncIterable<Buffer> {
  let at = 0;
  let etag = '';
  for (let piece = 0; at < size; piece++) {
    const stop = piece < pieces ? at + Math.ceil(size / (pieces + 1)) : size;
    const headers = { 'x-api-key': KEYS.regione, ...(at > 0 && { range: `bytes=${at}-`, 'if-range': etag }) };
    const answer = await request(href, { headers });
    expect(answer.statusCode).toBe(at > 0 ? 206 : 200);
    etag = String(answer.headers['etag']);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const taken = chunk.subarray(0, stop - at);
      at += taken.length;
      yield taken;
      if (at === stop) break;
    }
    answer.body.on('error', () => undefined).destroy();
  }
}

describe.each(['database', 'directory'] as const)('large contents, PostgreSQL, in the %s', (place) => {
  let postgres: PrivatePostgres;
  let gateway: RunningGateway;
  let sink: Awaited<ReturnType<typeof startSink>>;
  let places: readonly string[];

  beforeAll(async () => {
    [postgres, sink] = [await startPostgres(), await startSink()];
    const registry = await writeLargeRegistry({
      pratola: { channel: 'push-soap', url: sink.url, shape: 'original' },
      regione: { channel: 'box', shape: 'original' },
    });
    const data = await dataDirectory();
    places = [registry, data];
    gateway = await startGateway({
      DATABASE_URL: postgres.url,
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_PAYLOADS: place === 'database' ? 'database' : `directory:${data}`,
    });
    // What the first message loads is not what a large one takes.
    const first = swa(`urn:uuid:${randomUUID()}`, 4 * MIB);
    const answer = await postLarge(soapAddress(gateway.url), KEYS.sulmona, first, SOAP);
    expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
    await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED');
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([sink.stop(), postgres.stop()]);
    await Promise.all(places.map((one) => rm(one, { recursive: true, force: true })));
  }, 60_000);

  it.each([
    ['SwA', swa, 'VariazioneAnagrafica', SOAP],
    ['MTOM', mtom, 'InoltroProtocollo', {}],
  ] as const)(
    '6: %s goes in and out byte for byte while the gateway grows by a bounded amount',
    async (_kind, pack, service, headers) => {
      const content = pack(`urn:uuid:${randomUUID()}`, SIZE);
      const { grown, result } = await growthOf(gateway.pid, async () => {
        const answer = await postLarge(`${gateway.url}/soap/c_h007/v1/${service}`, KEYS.sulmona, content, headers);
        expect([answer.status, answer.text.slice(0, 500)]).toEqual([200, expect.anything()]);
        await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED', TIME);
        return answer;
      });
      const arrived = sink.sunk.find(({ headers: got }) => got['x-gateway-id'] === idOf(result));
      expect(arrived).toMatchObject({
        ...(await sumOf(content.body())),
        headers: { 'content-type': content.contentType },
      });
      expect(grown).toBeLessThan(MOST_GROWN);
    },
    TIME,
  );

  it.each([
    ['attachments beside JSON', rest, 'VariazioneAnagrafica/notifiche'],
    ['an opaque body', pdf, 'Fascicolo/fascicoli'],
  ] as const)(
    '6: REST takes %s, and the box gives it out in ranges with the same digest',
    async (_kind, pack, path) => {
      const content = pack(SIZE);
      const { grown } = await growthOf(gateway.pid, async () => {
        const answer = await postLarge(`${gateway.url}/rest/r_abruzz/v1/${path}`, KEYS.sulmona, content);
        expect([answer.status, answer.text]).toEqual([202, expect.anything()]);
        const entry = await fetchBox(gateway.url);
        const sent = await sumOf(content.body());
        expect(entry).toMatchObject({ id: idOf(answer), content: { size: sent.size, tag: sent.sha256 } });
        const href = entry.content.href.replace(/^https?:\/\/[^/]+/, gateway.url);
        expect(await sumOf(resumed(href, sent.size, 3))).toEqual(sent);
        const ack = { key: KEYS.regione, body: { lease: entry.lease } };
        expect((await http(`${gateway.url}/box/messages/${entry.deliveryId}/ack`, ack)).status).toBe(200);
      });
      expect(grown).toBeLessThan(MOST_GROWN);
    },
    TIME,
  );

  it('6: shows an operator all of it', async () => {
    const content = swa(`urn:uuid:${randomUUID()}`, 8 * MIB);
    const answer = await postLarge(soapAddress(gateway.url), KEYS.sulmona, content, SOAP);
    const shown = await request(`${gateway.url}/admin/messages/${idOf(answer)}/content`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await sumOf(shown.body)).toEqual(await sumOf(content.body()));
    expect(shown.headers['content-type']).toBe(content.contentType);
  }, 30_000);
});
