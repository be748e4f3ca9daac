import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { http, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, NOTICE_TYPE, noticeElement, noticeJson, SOAP11_HEADERS } from '../support/messages.js';
import { bearer, writeOperators } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { embedded, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

/** Turns the line; shows nothing; a byte order mark; C1; DEL; a separator of lines; a filler; a tag. */
const HIDDEN = '\u202e\u2066\u200b\u200f\ufeff\u0085\u009b\u007f\u2028\u3164\u{e0041}';
const RAW = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu;
/** What XML lets stand in a name. */
const IN_NAMES = '\u200c\u200d';
const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';

/** UTF-8 as bytes of a header, where HTTP lets no DEL stand (RFC 9110 §5.5). */
const header = (text: string) => Buffer.from(text.replaceAll('\u007f', '')).toString('latin1');
const marked = (name: string) => `${name}${HIDDEN}${name}`;
const inMime = (text: string) => marked(text).replace(/[\u007f-\u009f]/g, '');
const inUrl = (text: string) => encodeURIComponent(text);
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const json = noticeJson() as unknown as string | object;
const notice = typeof json === 'string' ? (JSON.parse(json) as object) : json;
const part = (name: string, type: string, body: string) =>
  `--B\r\nContent-Disposition: attachment; filename="${inMime('file')}"\r\nContent-ID: <${name}>\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;

/** A service whose business key is any text. */
const LIBERO: readonly object[] = [
  {
    kind: 'service',
    id: 'Libero',
    version: 1,
    title: 'Testo libero',
    businessKeys: [{ name: 'pratica', label: { it: 'Pratica', en: 'Dossier' }, kind: 'other', jsonPath: '$.pratica' }],
    operations: [
      { name: 'nota', profile: 'one-way', rest: { method: 'POST', path: '/note' }, jsonSchema: 'nota.jsonschema' },
    ],
  },
  {
    kind: 'system',
    id: 'libero.sistema',
    participant: 'r_abruzz',
    provides: [{ service: 'Libero', version: 1 }],
    receives: { channel: 'box' },
  },
  { kind: 'agreement', id: 'libero', consumer: 'c_i804', provider: 'r_abruzz', service: 'Libero', version: 1 },
];

interface Sent extends HttpCall {
  readonly what: string;
  readonly path: string;
}
const withKey = { key: KEYS.sulmona };
const text = (body: string, more: Record<string, string> = {}) => ({
  ...withKey,
  body,
  headers: { ...SOAP11_HEADERS, ...more },
});
const SENT: readonly Sent[] = [
  { what: 'message id', path: REST, ...withKey, body: notice, headers: { 'idempotency-key': header(marked('id')) } },
  {
    what: 'correlation id',
    path: REST,
    ...withKey,
    body: notice,
    headers: { 'x-correlation-id': header(marked('id')) },
  },
  { what: 'sender', path: REST, ...withKey, body: notice, headers: { 'x-sender': header(marked('c')) } },
  { what: 'service', path: `/rest/r_abruzz/v1/${inUrl(marked('Servizio'))}/notifiche`, ...withKey, body: notice },
  {
    what: 'participant',
    path: `/rest/${inUrl(marked('c_i'))}/v1/VariazioneAnagrafica/notifiche`,
    ...withKey,
    body: notice,
  },
  { what: 'path', path: `${REST}/${inUrl(marked('x'))}`, ...withKey, body: notice },
  { what: 'address', path: `/${inUrl(marked('mai'))}`, ...withKey },
  { what: 'media type', path: REST, ...withKey, body: 'x', headers: { 'content-type': header(`text/${marked('x')}`) } },
  { what: 'member of JSON', path: REST, ...withKey, body: { ...notice, [marked('membro')]: marked('valore') } },
  {
    what: 'broken JSON',
    path: REST,
    ...withKey,
    body: `{"a": ${marked('x')}`,
    headers: { 'content-type': 'application/json' },
  },
  {
    what: 'element of XML',
    path: SOAP,
    ...text(envelope({ body: `<a${IN_NAMES}b xmlns="urn:x${HIDDEN.replace(/[\u007f-\u009f]/g, '')}"/>` })),
  },
  {
    what: 'content of XML',
    path: SOAP,
    ...text(
      envelope({ body: noticeElement().replace('RSSMRA80A01I804K', marked('X').replace(/[\u007f-\u009f]/g, '')) }),
    ),
  },
  { what: 'broken XML', path: SOAP, ...text(`<a${IN_NAMES}><b></c${IN_NAMES}>`) },
  { what: 'action', path: SOAP, ...text(envelope({}), { soapaction: header(`"${marked('urn:x')}"`) }) },
  {
    what: 'WS-Addressing',
    path: SOAP,
    ...text(envelope({ messageId: `urn:${marked('x').replace(/[\u007f-\u009f]/g, '')}` })),
  },
  {
    what: 'event',
    path: '/messages',
    ...withKey,
    body: JSON.stringify({
      specversion: '1.0',
      id: marked('e'),
      source: `/${marked('s')}`,
      type: NOTICE_TYPE + HIDDEN,
      data: notice,
    }),
    headers: { 'content-type': 'application/cloudevents+json' },
  },
  {
    what: 'file name',
    path: SOAP,
    ...withKey,
    body: `${part('root', 'text/xml', envelope({}))}${part(inMime('due'), 'text/plain', 'x')}--B--`,
    headers: {
      soapaction: SOAP11_HEADERS.soapaction,
      'content-type': 'multipart/related; type="text/xml"; start="<root>"; boundary=B',
    },
  },
  {
    what: 'form field',
    path: REST,
    ...withKey,
    body: `--B\r\nContent-Disposition: form-data; name="${marked('f')}"\r\n\r\nx\r\n--B--`,
    headers: { 'content-type': 'multipart/form-data; boundary=B' },
  },
  { what: 'user name', path: REST, body: notice, headers: basic(`${marked('utente')}:x`) },
  { what: 'API key', path: REST, key: header(`${marked('chiave')}.x`), body: notice },
  { what: 'token', path: REST, body: notice, headers: { authorization: header(`Bearer ${marked('a')}.b.c`) } },
  {
    what: 'client id',
    path: '/oauth/token',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: marked('c'),
      client_secret: 'x',
      scope: marked('s'),
    }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  {
    what: 'name of an operator',
    path: '/admin/session',
    body: { name: marked('operatore'), password: 'x'.repeat(12) },
  },
  { what: 'operators’ token', path: '/admin/messages', headers: { authorization: header(`Bearer ${marked('a')}.b`) } },
  { what: 'business key', path: '/rest/r_abruzz/v1/Libero/note', ...withKey, body: { pratica: marked('Pratica') } },
  { what: 'search', path: `/messages?messageId=${inUrl(marked('x'))}`, ...withKey },
];

/** A sender that is no bare code names nobody; the other is content. */
const TAKEN: Readonly<Record<string, number>> = { 'business key': 202 };

describe('6: characters that show nothing or turn the line, embedded', () => {
  let ground: Ground;
  let directory: string;
  let gateway: RunningGateway;
  const statuses: (readonly [string, number])[] = [];

  beforeAll(async () => {
    ground = await embedded();
    directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' }, amqp: {} });
    await writeOperators(directory);
    await writeFile(join(directory, 'libero.yaml'), LIBERO.map((one) => stringify(one)).join('---\n'));
    await writeFile(join(directory, 'nota.jsonschema'), '{"type":"object","properties":{"pratica":{"type":"string"}}}');
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_LOG_LEVEL: 'debug' });
    for (const { what, path, ...call } of SENT)
      statuses.push([what, (await http(`${gateway.url}${path}`, call)).status]);
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), rm(directory, { recursive: true, force: true })]);
  }, 30_000);

  const operator = (path: string) => http(`${gateway.url}/admin/${path}`, { headers: bearer('platform') });

  it('6: are refused or taken as what they are, wherever a stranger puts them', () => {
    expect(statuses.map(([what, status]) => [what, status < 400 ? status : 'refused'])).toEqual(
      SENT.map(({ what }) => [what, TAKEN[what] ?? 'refused']),
    );
  });

  it('6: never arrive raw in a line of the log, which is still one JSON value', async () => {
    await until(() => gateway.logs().includes('operatore') || gateway.logs().includes('/admin/session'));
    const lines = gateway.logs().trimEnd().split('\n');
    for (const line of lines) {
      expect([line, line.match(RAW)]).toEqual([line, null]);
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    // They were told of: escaped.
    const told = (escaped: string) => lines.filter((line) => line.includes(escaped)).length;
    expect([told('\\u202e'), told('\\u200c'), told('\\u0085')].every((count) => count > 0)).toBe(true);
  });

  it('6: never arrive raw in the audit, nor in what an operator takes away as a file', async () => {
    const written = await http(`${gateway.url}/admin/messages/export?format=csv&service=${inUrl(marked('S'))}`, {
      headers: bearer('platform'),
    });
    expect(written.status).toBe(200);
    for (const path of ['audit?limit=500', 'messages?limit=500', 'messages/export?format=ndjson']) {
      const { status, text: told } = await operator(path);
      expect([path, status, told.match(RAW)]).toEqual([path, 200, null]);
      expect([path, told.includes('\\u202e')]).toEqual([path, true]);
    }
    const { text: csv } = await operator('messages/export?format=csv');
    expect(csv.replaceAll('\r', '').match(RAW)).toBeNull();
    expect(csv).toMatch(/PRATICA\\u\{202e\}\\u\{2066\}/i);
  });
});
