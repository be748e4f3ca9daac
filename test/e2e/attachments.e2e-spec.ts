import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, NOTICE_ACTION } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { refusalIn, refusalOf } from '../support/refusals.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const INOLTRO_ACTION = 'https://schemi.crocevia.example/protocollo/1.0/inoltroProtocollo';
const inoltro = readFileSync('schemas/protocollo/1.0/examples/inoltroProtocollo.xml', 'utf8').replace(
  /<\?xml[^>]*\?>\s*/,
  '',
);
const INCLUDE = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:documento@sulmona.example"/>';

interface Package {
  readonly contentType: string;
  readonly body: Buffer;
}

interface Part {
  readonly headers: string;
  readonly bytes: Buffer;
}

function multipart(boundary: string, parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ headers, bytes }) => [`--${boundary}\r\n${headers}\r\n\r\n`, bytes, '\r\n']);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)));
}

const attachment = (bytes: Buffer): Part => ({
  headers:
    'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <documento@sulmona.example>',
  bytes,
});

/** SOAP Messages with Attachments §3: SOAP 1.1 in a multipart/related whose root is text/xml. */
function withAttachment(messageId: string, bytes: Buffer): Package {
  const root = {
    headers: 'Content-Type: text/xml; charset=utf-8\r\nContent-ID: <busta>',
    bytes: Buffer.from(envelope({ messageId })),
  };
  const boundary = `=_${randomUUID()}`;
  return {
    contentType: `multipart/related; type="text/xml"; start="<busta>"; boundary="${boundary}"`,
    body: multipart(boundary, [root, attachment(bytes)]),
  };
}

/** MTOM §3.1 with SOAP 1.2: the document's content travels as a part of its own. */
function asMtom(messageId: string, bytes: Buffer): Package {
  const body = inoltro.replace(/<contenuto>[^<]*<\/contenuto>/, `<contenuto>${INCLUDE}</contenuto>`);
  const root = {
    headers: 'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-ID: <busta>',
    bytes: Buffer.from(envelope({ version: '1.2', messageId, body })),
  };
  const boundary = `uuid:${randomUUID()}`;
  const startInfo = `start-info="application/soap+xml"; action="${INOLTRO_ACTION}"`;
  return {
    contentType: `multipart/related; type="application/xop+xml"; start="<busta>"; ${startInfo}; boundary="${boundary}"`,
    body: multipart(boundary, [root, attachment(bytes)]),
  };
}

const KINDS = [
  ['SwA', 'soap11', withAttachment, 'VariazioneAnagrafica', { soapaction: `"${NOTICE_ACTION}"` }],
  ['MTOM', 'soap12', asMtom, 'InoltroProtocollo', {}],
] as const;

describe('attachments, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let places: readonly string[];

  beforeAll(async () => {
    pratola = await startReceiver();
    const registry = await writeRegistry({
      pratola: { channel: 'push-soap', url: pratola.url, shape: 'original' },
      regione: { channel: 'box', shape: 'original' },
    });
    const data = await dataDirectory();
    places = [registry, data];
    gateway = await startGateway({ CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: data });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
  }, 30_000);

  const post = (path: string, { contentType, body }: Package, headers: Record<string, string>) =>
    http(`${gateway.url}${path}`, {
      key: KEYS.sulmona,
      headers: { ...headers, 'content-type': contentType },
      body,
    });

  describe.each(KINDS)('%s', (_kind, dialect, pack, service, headers) => {
    const send = (sent: Package) => post(`/soap/c_h007/v1/${service}`, sent, headers);

    it('4: reaches a receiver that is pushed the original, byte for byte', async () => {
      const sent = pack(`urn:uuid:${randomUUID()}`, randomBytes(70_000));
      const answer = await send(sent);
      expect(answer.status).toBe(200);
      const arrived = await pratola.next(({ headers: got }) => got['x-gateway-id'] === idOf(answer));
      expect(arrived.headers['content-type']).toBe(sent.contentType);
      expect(arrived.body.equals(sent.body)).toBe(true);
      await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED');
    }, 20_000);

    it('6: the same id with another attachment is a conflict, with the same one the same message', async () => {
      const messageId = `urn:uuid:${randomUUID()}`;
      const bytes = randomBytes(2_000);
      const first = await send(pack(messageId, bytes));
      const again = await send(pack(messageId, bytes));
      expect([first.status, again.status, again.headers['location']]).toEqual([200, 200, first.headers['location']]);
      const other = await send(pack(messageId, randomBytes(2_000)));
      expect(refusalIn(other, dialect)).toEqual(refusalOf(dialect, 'duplicate-conflict', 409));
      await statusWhen(gateway.url, idOf(first), ({ state }) => state === 'COMPLETED');
      const times = pratola.received.filter(({ headers: got }) => got['x-gateway-id'] === idOf(first));
      expect(times).toHaveLength(1);
    }, 20_000);
  });

  it('4: reaches a box, byte for byte', async () => {
    const sent = withAttachment(`urn:uuid:${randomUUID()}`, randomBytes(5_000));
    const answer = await post('/soap/r_abruzz/v1/VariazioneAnagrafica', sent, { soapaction: `"${NOTICE_ACTION}"` });
    expect(answer.status).toBe(200);
    const { messages } = (await http(`${gateway.url}/box/messages?wait=10`, { key: KEYS.regione })).json<{
      messages: readonly { id: string; headers: Record<string, string>; bodyBase64: string }[];
    }>();
    expect(messages).toMatchObject([{ id: idOf(answer), headers: { 'content-type': sent.contentType } }]);
    expect(Buffer.from(messages[0]?.bodyBase64 ?? '', 'base64').equals(sent.body)).toBe(true);
  }, 20_000);

  it('5: a document taken out of its envelope is held against the schema like one that stands in it', async () => {
    const sent = asMtom(`urn:uuid:${randomUUID()}`, randomBytes(100));
    const wrong = Buffer.from(sent.body.toString('latin1').replace('0001234', '12'), 'latin1');
    const answer = await post('/soap/c_h007/v1/InoltroProtocollo', { ...sent, body: wrong }, {});
    expect(refusalIn(answer, 'soap12')).toEqual(refusalOf('soap12', 'schema-violation', 400));
    expect(answer.text).toContain('/identificatore/numeroRegistrazione<');
  });
});
