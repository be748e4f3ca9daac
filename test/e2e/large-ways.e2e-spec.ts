import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { request } from 'undici';
import { amqpSystem, grant, type AmqpSystem } from '../support/amqp-system.js';
import { bytesOf, sumOf } from '../support/bytes.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { growthOf, postLarge, related, startSink, writeLargeRegistry, type LargeContent } from '../support/large.js';
import { envelope, noticeJson, NOTICE_ACTION } from '../support/messages.js';
import { KEYS } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

const MIB = 1024 * 1024;
/** Many times what a chunk is, and more than the gateway may grow by. */
const SIZE = 192 * MIB;
const MOST_GROWN = 150 * MIB;
const CLAIM_CHECK = 'application/vnd.crocevia.claim-check+json';

const opaque = (size: number, seed = 4): LargeContent => ({
  contentType: 'application/pdf',
  body: () => bytesOf(size, seed),
});

/** A form whose first part is the document. */
function form(size: number): LargeContent {
  const boundary = 'modulo-di-prova';
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    async *body() {
      const part = (name: string, more: string, type: string) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\nContent-Type: ${type}\r\n\r\n`;
      yield Buffer.from(`${part('documento', '', 'application/json')}${JSON.stringify(noticeJson('r_abruzz'))}\r\n`);
      yield Buffer.from(part('allegato', '; filename="atto.pdf"', 'application/pdf'));
      yield* bytesOf(size, 6);
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    },
  };
}

describe('large contents by other ways, standard', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let sink: Awaited<ReturnType<typeof startSink>>;
  let registry: string;
  let regione: AmqpSystem;

  beforeAll(async () => {
    [ground, sink] = await Promise.all([standard(), startSink()]);
    registry = await writeLargeRegistry({
      pratola: { channel: 'push-soap', url: sink.url, shape: 'original', gzip: true },
      regione: { channel: 'amqp-queue', shape: 'original' },
      amqp: { regione: 'regione-grande' },
    });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: registry });
    regione = await amqpSystem(ground.env['AMQP_URL']!, await grant(gateway.url, 'regione.anagrafe'));
  }, 150_000);

  afterAll(async () => {
    await regione.stop();
    expect(await gateway.stop()).toBe(0);
    await Promise.all([sink.stop(), ground.stop(), rm(registry, { recursive: true, force: true })]);
  }, 60_000);

  const key = { 'x-api-key': KEYS.regione };

  /** Sends it to the region, which takes the reference from its queue. */
  const arrive = async (content: LargeContent, path: string) => {
    const answer = await postLarge(`${gateway.url}/rest/r_abruzz/v1/${path}`, KEYS.sulmona, content);
    expect([answer.status, answer.text]).toEqual([202, expect.anything()]);
    const id = idOf(answer);
    const message = await regione.out.next(({ properties }) => properties.headers?.['x-gateway-id'] === id);
    expect(message.properties.contentType).toBe(CLAIM_CHECK);
    const reference = JSON.parse(message.content.toString()) as Record<'href' | 'contentType' | 'tag', string> & {
      size: number;
    };
    const href = reference.href.replace(/^https?:\/\/[^/]+/, gateway.url);
    return { id, deliveryId: String(message.properties.messageId), reference, href, bytes: message.content.length };
  };
  const fascicolo = () => arrive(opaque(3 * MIB), 'Fascicolo/fascicoli');

  it('6: a receiver by AMQP gets a reference, downloads the content at it, and then says that it has it', async () => {
    const { grown } = await growthOf(gateway.pid, async () => {
      const content = opaque(SIZE);
      const { id, deliveryId, reference, href, bytes } = await arrive(content, 'Fascicolo/fascicoli');
      const sent = await sumOf(content.body());
      expect(bytes).toBeLessThan(1_000);
      expect(reference).toMatchObject({ contentType: 'application/pdf', size: sent.size, tag: sent.sha256 });
      const got = await request(href, { headers: key });
      expect(await sumOf(got.body)).toEqual(sent);
      const others = await request(href, { headers: { 'x-api-key': KEYS.raiano } });
      expect([others.statusCode, (await others.body.text()).length < 2_000]).toEqual([404, true]);
      const receipt = JSON.stringify({ outcome: 'delivered' });
      await regione.ask(receipt, { messageId: randomUUID(), type: 'receipt', correlationId: deliveryId });
      await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
    });
    expect(grown).toBeLessThan(MOST_GROWN);
  }, 120_000);

  it('6: a form over REST arrives byte for byte, its first part read as the document', async () => {
    const content = form(2 * MIB);
    const { href, reference } = await arrive(content, 'VariazioneAnagrafica/notifiche');
    expect(reference.contentType).toBe(content.contentType);
    expect(await sumOf((await request(href, { headers: key })).body)).toEqual(await sumOf(content.body()));
    const wrong = form(2 * MIB);
    const broken = async function* () {
      for await (const piece of wrong.body())
        yield Buffer.from(piece.toString('latin1').replace('codiceFiscale', 'codiceFisc'), 'latin1');
    };
    const refused = await postLarge(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, KEYS.sulmona, {
      contentType: wrong.contentType,
      body: broken,
    });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('schema-violation')]);
  }, 60_000);

  it('6: HEAD tells length, type and tag of a content, and sends none of it', async () => {
    const { href, reference } = await fascicolo();
    const head = await request(href, { method: 'HEAD', headers: key });
    expect([head.statusCode, (await head.body.bytes()).length]).toEqual([200, 0]);
    expect(head.headers).toMatchObject({
      'content-length': String(reference.size),
      'content-type': 'application/pdf',
      'accept-ranges': 'bytes',
      etag: `"${reference.tag}"`,
    });
    expect((await http(href, { method: 'HEAD' })).status).toBe(401);
  }, 60_000);

  it('6: a range that begins behind the end is refused with the length, and one that ends behind it is cut', async () => {
    const { href, reference } = await fascicolo();
    const beyond = await request(href, { headers: { ...key, range: `bytes=${reference.size}-` } });
    expect([beyond.statusCode, await beyond.body.text()]).toEqual([416, '']);
    expect(beyond.headers['content-range']).toBe(`bytes */${reference.size}`);
    const last = await request(href, {
      headers: { ...key, range: `bytes=${reference.size - 5}-${reference.size + 9}` },
    });
    expect([last.statusCode, (await last.body.bytes()).length]).toEqual([206, 5]);
    expect(last.headers['content-range']).toBe(`bytes ${reference.size - 5}-${reference.size - 1}/${reference.size}`);
  }, 60_000);

  it('6: gives out a content packed with gzip to who takes it, under another tag', async () => {
    const content = opaque(3 * MIB);
    const { href, reference } = await fascicolo();
    const got = await request(href, { headers: { ...key, 'accept-encoding': 'gzip' } });
    expect(got.headers).toMatchObject({ 'content-encoding': 'gzip', etag: `"${reference.tag}-gzip"` });
    expect(await sumOf(got.body.pipe(createGunzip()))).toEqual(await sumOf(content.body()));
    const plain = await request(href, { headers: { ...key, 'accept-encoding': 'gzip;q=0' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    await plain.body.dump();
  }, 60_000);

  it('6: packs a large content with gzip on its way to a system that undoes it', async () => {
    const messageId = `urn:uuid:${randomUUID()}`;
    const content = related(
      'Content-Type: text/xml; charset=utf-8',
      envelope({ messageId }),
      [() => bytesOf(SIZE, 8)],
      'type="text/xml"; start="<busta>"',
    );
    const soap = { soapaction: `"${NOTICE_ACTION}"` };
    const { grown, result } = await growthOf(gateway.pid, async () => {
      const answer = await postLarge(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, KEYS.sulmona, content, soap);
      expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
      await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED', 120_000);
      return answer;
    });
    const arrived = sink.sunk.find(({ headers }) => headers['x-gateway-id'] === idOf(result));
    expect(arrived).toMatchObject(await sumOf(content.body()));
    expect(arrived!.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': content.contentType });
    expect(grown).toBeLessThan(MOST_GROWN);
  }, 180_000);
});
