import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { bytesOf, sumOf } from '../support/bytes.js';
import { http, idOf, statusWhen, type HttpAnswer } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { postLarge, related, startSink, writeLargeRegistry, type LargeContent } from '../support/large.js';
import { envelope, NOTICE_ACTION } from '../support/messages.js';
import { KEYS } from '../support/registry.js';

const MIB = 1024 * 1024;
const SOAP = { soapaction: `"${NOTICE_ACTION}"` };

const swa = (messageId: string, attachment: () => AsyncIterable<Buffer>, count = 1): LargeContent =>
  related(
    'Content-Type: text/xml; charset=utf-8',
    envelope({ messageId }),
    Array.from({ length: count }, () => attachment),
    'type="text/xml"; start="<busta>"',
  );
const newId = () => `urn:uuid:${randomUUID()}`;

describe('large contents that go wrong, embedded', () => {
  let gateway: RunningGateway;
  let sink: Awaited<ReturnType<typeof startSink>>;
  let registry: string;
  let data: string;
  const env = () => ({
    CROCEVIA_REGISTRY_DIR: registry,
    CROCEVIA_DATA_DIR: data,
    CROCEVIA_PAYLOADS: `directory:${join(data, 'payloads')}`,
    CROCEVIA_REQUEST_TIMEOUT_MS: '3000',
  });

  beforeAll(async () => {
    // The receiver is away at first: each delivery goes out twice.
    sink = await startSink([503]);
    registry = await writeLargeRegistry({
      pratola: { channel: 'push-soap', url: sink.url, shape: 'original', retry: { firstDelayMs: 100 } },
      regione: { channel: 'box', shape: 'original' },
    });
    data = await dataDirectory();
    gateway = await startGateway(env());
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await sink.stop();
    await Promise.all([registry, data].map((one) => rm(one, { recursive: true, force: true })));
  }, 60_000);

  const post = (content: LargeContent, headers: Record<string, string> = {}, key: string = KEYS.sulmona) =>
    postLarge(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, key, content, { ...SOAP, ...headers });

  const files = () => {
    try {
      return readdirSync(join(data, 'payloads'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();
    } catch {
      return [];
    }
  };

  /** Waits for what the sweep does. */
  const filesWhen = async (wanted: readonly string[], limitMs: number) => {
    for (const end = Date.now() + limitMs; Date.now() < end && files().join() !== wanted.join();) await pause(100);
    expect(files()).toEqual(wanted);
  };

  it('6: a retry streams the same bytes again, and a repetition is the same message', async () => {
    const messageId = newId();
    const content = swa(messageId, () => bytesOf(3 * MIB));
    const first = await post(content);
    expect(first.status).toBe(200);
    await statusWhen(gateway.url, idOf(first), ({ state }) => state === 'COMPLETED');
    const sent = await sumOf(content.body());
    expect(sink.sunk).toMatchObject([sent, sent]);
    const kept = files();
    expect(kept).toHaveLength(1);
    const again = await post(content);
    expect([again.status, idOf(again)]).toEqual([200, idOf(first)]);
    const other = await post(swa(messageId, () => bytesOf(3 * MIB, 9)));
    expect([other.status, other.text]).toEqual([expect.any(Number), expect.stringContaining('duplicate-conflict')]);
    expect(files()).toEqual(kept);
  }, 60_000);

  const forever = async function* () {
    for (;;) yield* bytesOf(64 * MIB);
  };
  const bomb = (): LargeContent => ({
    contentType: swa(newId(), () => bytesOf(0)).contentType,
    async *body() {
      yield gzipSync(Buffer.alloc(64 * MIB));
    },
  });

  it.each<[string, string, () => Promise<HttpAnswer>]>([
    ['a gzip bomb', 'too-large', () => post(bomb(), { 'content-encoding': 'gzip' })],
    [
      'what is no gzip',
      'not-well-formed',
      () =>
        post(
          swa(newId(), () => bytesOf(2 * MIB)),
          { 'content-encoding': 'gzip' },
        ),
    ],
    [
      'another content than was digested',
      'digest-mismatch',
      () =>
        post(
          swa(newId(), () => bytesOf(2 * MIB)),
          { 'content-digest': `sha-256=:${'A'.repeat(43)}=:` },
        ),
    ],
    ['too many parts', 'too-complex', () => post(swa(newId(), () => bytesOf(20_000), 101))],
    [
      'a part that does not end',
      'mime-malformed',
      () => {
        const { contentType, body } = swa(newId(), () => bytesOf(2 * MIB));
        const cut = async function* () {
          for await (const chunk of body())
            yield chunk.toString('latin1').startsWith('\r\n--confine-di-prova--') ? Buffer.alloc(0) : chunk;
        };
        return post({ contentType, body: cut });
      },
    ],
    [
      'a document that breaks its schema',
      'schema-violation',
      () =>
        post(
          related(
            'Content-Type: text/xml',
            envelope().replace(/<([a-z]+:)?codiceFiscale>[^<]*/, '$&!!'),
            [() => bytesOf(2 * MIB)],
            'type="text/xml"',
          ),
        ),
    ],
    [
      'more than a caller without agreement may send',
      'too-large',
      () =>
        post(
          swa(newId(), () => bytesOf(32 * MIB)),
          { 'content-length': String(64 * MIB) },
          KEYS.raiano,
        ),
    ],
  ])(
    '6: %s is refused, and nothing is left behind',
    async (_what, code, send) => {
      const before = files();
      const outcome = await send().catch((error: unknown) => error as Error);
      if (outcome instanceof Error) throw outcome;
      expect(outcome.text).toContain(code);
      await filesWhen(before, 5_000);
    },
    60_000,
  );

  it('6: a digest that is right, and gzip, are taken', async () => {
    const content = swa(newId(), () => bytesOf(2 * MIB));
    const pieces: Buffer[] = [];
    for await (const piece of content.body()) pieces.push(piece);
    const packed = gzipSync(Buffer.concat(pieces), { level: 1 });
    const digest = (await import('node:crypto')).createHash('sha256').update(packed).digest('base64');
    const headers = { 'content-encoding': 'gzip', 'content-digest': `sha-256=:${digest}:` };
    const answer = await post(
      { contentType: content.contentType, body: () => [packed][Symbol.iterator]() as never },
      headers,
    );
    expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
    await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED');
    const arrived = sink.sunk.find(({ headers: got }) => got['x-gateway-id'] === idOf(answer));
    expect(arrived).toMatchObject(await sumOf(content.body()));
  }, 60_000);

  /** Sends 4 MiB of what never ends; `then` is called with the open connection. */
  const begin = () => {
    const { contentType } = swa(newId(), forever);
    const open = httpRequest(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, {
      method: 'POST',
      headers: { ...SOAP, 'x-api-key': KEYS.sulmona, 'content-type': contentType },
    });
    open.on('error', () => undefined);
    open.write(
      `--confine-di-prova\r\nContent-Type: text/xml\r\nContent-ID: <busta>\r\n\r\n${envelope()}\r\n--confine-di-prova\r\n\r\n`,
    );
    open.write(Buffer.alloc(4 * MIB, 'x'));
    return open;
  };
  const partial = async (before: readonly string[]) => {
    for (const end = Date.now() + 10_000; Date.now() < end && files().length === before.length;) await pause(20);
    expect(files().length).toBe(before.length + 1);
  };

  it('6: a sender that stops sending is refused, and one that goes away leaves nothing', async () => {
    const before = files();
    const slow = begin();
    const answered = new Promise<number>((resolve) => slow.on('response', (reply) => resolve(reply.statusCode ?? 0)));
    await partial(before);
    expect(await answered).toBe(408);
    await filesWhen(before, 5_000);
    const gone = begin();
    await partial(before);
    gone.destroy();
    await filesWhen(before, 10_000);
  }, 60_000);

  it('6: what a killed node has half written is an orphan, and swept by the next one', async () => {
    const before = files();
    begin();
    await partial(before);
    await gateway.kill9();
    expect(files().length).toBe(before.length + 1);
    gateway = await startGateway(env());
    expect((await http(`${gateway.url}/health/ready`)).status).toBe(200);
    await filesWhen(before, 60_000);
  }, 120_000);
});
