import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import {
  envelope,
  noticeElement,
  noticeJson,
  NOTICE_TYPE,
  SOAP11_HEADERS,
  SOAP12_HEADERS,
} from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { BASIC, KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';

describe.each(SHAPES)('main path, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let regione: Receiver;
  let receipts: Receiver;

  beforeAll(async () => {
    ground = await lay();
    [pratola, regione, receipts] = await Promise.all([startReceiver(), startReceiver(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: { channel: 'push-soap', url: pratola.url, shape: 'soap11', retry: { firstDelayMs: 100 } },
      regione: { channel: 'push-rest', url: regione.url, shape: 'json', retry: { firstDelayMs: 100, attempts: 3 } },
      sulmonaReceipts: receipts.url,
    });
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      PUBLIC_URL: 'https://porta.example',
    });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([pratola.stop(), regione.stop(), receipts.stop()]);
    await ground.stop();
  }, 60_000);

  const sendRest = (body: object, headers: Record<string, string> = {}) =>
    http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body, headers });
  const sendSoap = (body: string, headers: Record<string, string>, key: string = KEYS.sulmona) =>
    http(`${gateway.url}${SOAP}`, { key, body, headers });

  it('4: takes REST JSON, answers 202 with Location, and delivers it', async () => {
    const answer = await sendRest(noticeJson('r_abruzz'), { 'idempotency-key': randomUUID() });
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toMatch(/^https:\/\/porta\.example\/messages\/[0-9a-f-]{36}$/);
    const id = idOf(answer);
    const arrived = await regione.next(({ headers }) => headers['x-gateway-id'] === id);
    expect(JSON.parse(arrived.body.toString())).toEqual(noticeJson('r_abruzz'));
    expect(await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED')).toMatchObject({
      deliveries: [{ receiver: 'r_abruzz', state: 'DELIVERED', attempts: 1 }],
    });
  });

  it('8: converts JSON for a SOAP receiver and XML for a JSON receiver', async () => {
    const toSoap = await http(`${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: noticeJson(),
    });
    expect(toSoap.status).toBe(202);
    const arrived = await pratola.next(({ headers }) => headers['x-gateway-id'] === idOf(toSoap));
    expect(arrived.headers['content-type']).toMatch(/^text\/xml/);
    expect(arrived.headers['soapaction']).toMatch(/notificaVariazione/);
    expect(arrived.body.toString()).toMatch(/Envelope[^]*notificaVariazioneAnagrafica[^]*RSSMRA80A01I804K/);
    const toJson = await http(`${gateway.url}${REST}`, {
      key: KEYS.sulmona,
      body: noticeElement(),
      headers: { 'content-type': 'application/xml' },
    });
    const asJson = await regione.next(({ headers }) => headers['x-gateway-id'] === idOf(toJson));
    expect(JSON.parse(asJson.body.toString())).toEqual(noticeJson());
  });

  it.each([
    ['1.1', SOAP11_HEADERS, 'text/xml'],
    ['1.2', SOAP12_HEADERS, 'application/soap+xml'],
  ] as const)('4: takes SOAP %s and answers presaInCarico', async (version, headers, mediaType) => {
    const messageId = `urn:uuid:${randomUUID()}`;
    const answer = await sendSoap(envelope({ version, messageId }), headers);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain(mediaType);
    expect(answer.text).toContain('presaInCarico');
    expect(answer.text).toContain(messageId);
    await statusWhen(gateway.url, idOf(answer), ({ state }) => state === 'COMPLETED');
  });

  it('4: sends one event to every subscriber and one to the receiver it names', async () => {
    const event = {
      'ce-specversion': '1.0',
      'ce-type': NOTICE_TYPE,
      'ce-source': '/sulmona',
      'content-type': 'application/json',
    };
    const all = await http(`${gateway.url}/messages`, {
      key: KEYS.sulmona,
      body: JSON.stringify(noticeJson()),
      headers: { ...event, 'ce-id': randomUUID() },
    });
    expect(all.status).toBe(202);
    const both = await statusWhen(gateway.url, idOf(all), ({ state }) => state === 'COMPLETED');
    expect(both.deliveries.map(({ receiver }) => receiver).sort()).toEqual(['c_h007', 'r_abruzz']);
    const structured = {
      specversion: '1.0',
      id: randomUUID(),
      type: NOTICE_TYPE,
      source: '/sulmona',
      receiver: 'r_abruzz',
      datacontenttype: 'application/json',
      data: noticeJson(),
    };
    const one = await http(`${gateway.url}/messages`, {
      key: KEYS.sulmona,
      body: JSON.stringify(structured),
      headers: { 'content-type': 'application/cloudevents+json' },
    });
    expect(one.status).toBe(202);
    const single = await statusWhen(gateway.url, idOf(one), ({ state }) => state === 'COMPLETED');
    expect(single.deliveries.map(({ receiver }) => receiver)).toEqual(['r_abruzz']);
  });

  it('5: lets in by HTTP Basic, and nobody without a credential', async () => {
    const basic = await http(`${gateway.url}${REST}`, { body: noticeJson(), headers: { authorization: BASIC } });
    expect(basic.status).toBe(202);
    const nobody = await http(`${gateway.url}${REST}`, { body: noticeJson() });
    expect(nobody.status).toBe(401);
    expect(nobody.headers['www-authenticate']).toMatch(/Basic/);
    expect(nobody.json()).toMatchObject({ code: 'credentials-missing' });
  });

  it('5: lists every schema error with path, line and expectation, in JSON and in SOAP', async () => {
    const wrong = { ...noticeJson(), tipoVariazione: 'TRASLOCO' };
    const rest = await sendRest(wrong);
    expect(rest.status).toBe(400);
    expect(rest.headers['content-type']).toContain('application/problem+json');
    expect(rest.json()).toMatchObject({
      code: 'schema-violation',
      blame: 'sender',
      retryable: false,
      errors: [{ path: '/tipoVariazione', rule: 'enum' }],
    });
    const soap = await sendSoap(
      envelope({ body: noticeElement().replace('RSSMRA80A01I804K', 'rssmra80a01i804k') }),
      SOAP11_HEADERS,
    );
    expect(soap.status).toBe(500);
    expect(soap.text).toMatch(/faultcode>[a-zA-Z]*:?Client</);
    expect(soap.text).toMatch(
      /schema-violation[^]*\/Envelope\/Body\/notificaVariazioneAnagrafica\/generalita\/codiceFiscale/,
    );
    const soap12 = await sendSoap(
      envelope({ version: '1.2', body: noticeElement().replace('RSSMRA80A01I804K', 'x') }),
      SOAP12_HEADERS,
    );
    expect(soap12.status).toBe(400);
    expect(soap12.text).toMatch(/:Sender</);
  });

  it('5: refuses a sender that is not the caller and a caller without an agreement', async () => {
    const spoofed = {
      ...noticeJson(),
      testata: { ...(noticeJson()['testata'] as object), codiceIpaMittente: 'c_h007' },
    };
    const mismatch = await sendRest(spoofed);
    expect(mismatch.status).toBe(403);
    expect(mismatch.json()).toMatchObject({ code: 'sender-mismatch' });
    const stranger = await http(`${gateway.url}${REST}`, { key: KEYS.raiano, body: noticeJson() });
    expect(stranger.status).toBe(403);
    expect(stranger.json()).toMatchObject({ code: 'not-authorised' });
  });

  it('6: answers a repeated message like the first and delivers it once', async () => {
    const key = randomUUID();
    const first = await sendRest(noticeJson(), { 'idempotency-key': key });
    const again = await sendRest(noticeJson(), { 'idempotency-key': key });
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers['location']).toBe(first.headers['location']);
    const other = await sendRest({ ...noticeJson(), tipoVariazione: 'DECESSO' }, { 'idempotency-key': key });
    expect(other.status).toBe(409);
    expect(other.json()).toMatchObject({ code: 'duplicate-conflict', retryable: false });
    await statusWhen(gateway.url, idOf(first), ({ state }) => state === 'COMPLETED');
    expect(regione.received.filter(({ headers }) => headers['x-gateway-id'] === idOf(first))).toHaveLength(1);
  });

  it('6: records a refused message, and its id can be used again', async () => {
    const key = randomUUID();
    const refused = await sendRest({ ...noticeJson(), tipoVariazione: 'TRASLOCO' }, { 'idempotency-key': key });
    const id = refused.json<{ instance: string }>().instance.split('/').at(-1) as string;
    const status = await http(`${gateway.url}/messages/${id}`, { key: KEYS.sulmona });
    expect(status.json()).toMatchObject({
      state: 'REJECTED',
      fault: { code: 'schema-violation' },
      receipts: [{ kind: 'refused' }],
    });
    expect((await sendRest(noticeJson(), { 'idempotency-key': key })).status).toBe(202);
  });

  it('9: retries a receiver that fails, with the same idempotency key, and tells the sender by receipts', async () => {
    const tried = new Map<unknown, number>();
    regione.answerWith(({ headers }, reply) => {
      const count = (tried.get(headers['x-gateway-id']) ?? 0) + 1;
      tried.set(headers['x-gateway-id'], count);
      reply.writeHead(count < 3 ? 503 : 200).end();
    });
    const sent = await sendRest(noticeJson());
    const done = await statusWhen(gateway.url, idOf(sent), ({ state }) => state === 'COMPLETED');
    regione.answerWith((_received, reply) => void reply.writeHead(200).end());
    expect(done.deliveries).toMatchObject([{ state: 'DELIVERED', attempts: 3 }]);
    const tries = regione.received.filter(({ headers }) => headers['x-gateway-id'] === idOf(sent));
    expect(new Set(tries.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(done.receipts.map(({ kind }) => kind)).toEqual(['taken', 'delivered']);
    const pushed = await receipts.next(({ body }) => body.includes(idOf(sent)));
    expect(JSON.parse(pushed.body.toString())).toMatchObject({
      kind: 'delivered',
      id: idOf(sent),
      receiver: 'r_abruzz',
    });
  });

  it('9: gives up when the attempts are used up, at once when the receiver refuses', async () => {
    regione.answerWith((_received, reply) => void reply.writeHead(500).end('broken'));
    const failing = await sendRest(noticeJson());
    const failed = await statusWhen(gateway.url, idOf(failing), ({ state }) => state === 'PARTIALLY_FAILED');
    expect(failed.deliveries).toMatchObject([{ state: 'FAILED', attempts: 3, fault: { code: 'receiver-error' } }]);
    regione.answerWith((_received, reply) => void reply.writeHead(422).end('no'));
    const refusing = await sendRest(noticeJson());
    const refused = await statusWhen(gateway.url, idOf(refusing), ({ state }) => state === 'PARTIALLY_FAILED');
    regione.answerWith((_received, reply) => void reply.writeHead(200).end());
    expect(refused.deliveries).toMatchObject([{ state: 'FAILED', attempts: 1, fault: { code: 'receiver-refused' } }]);
    expect(refused.receipts).toMatchObject([
      { kind: 'taken' },
      { kind: 'refused', fault: { code: 'receiver-refused' } },
    ]);
  });

  it('8: holds messages in a box until the system fetches and acknowledges them', async () => {
    const waiting = http(`${gateway.url}/box/messages?wait=20`, { key: KEYS.sulmona });
    expect((await http(`${gateway.url}/box/messages`, { method: 'HEAD', key: KEYS.sulmona })).status).toBe(404);
    const conferma = readFileSync('schemas/protocollo/1.0/examples/confermaProtocollazione.json', 'utf8');
    const body = JSON.parse(conferma) as { testata: Record<string, string> };
    body.testata = { ...body.testata, codiceIpaMittente: 'c_h007', codiceIpaDestinatario: 'c_i804' };
    const sent = await http(`${gateway.url}/rest/c_i804/v1/InoltroProtocollo/conferme`, { key: KEYS.pratola, body });
    expect(sent.status).toBe(202);
    const { messages } = (await waiting).json<{
      messages: { deliveryId: string; lease: string; body: string; id: string }[];
    }>();
    expect(messages).toHaveLength(1);
    const [mail] = messages;
    expect(JSON.parse(mail?.body ?? '')).toEqual(body);
    const ack = (lease: string) =>
      http(`${gateway.url}/box/messages/${mail?.deliveryId}/ack`, { key: KEYS.sulmona, body: { lease } });
    expect((await ack('wrong')).status).toBe(409);
    expect((await ack(mail?.lease ?? '')).json()).toMatchObject({ repeated: false });
    expect((await ack(mail?.lease ?? '')).json()).toMatchObject({ repeated: true });
    const nack = `${gateway.url}/box/messages/${mail?.deliveryId}/nack`;
    const late = await http(nack, { key: KEYS.sulmona, body: { lease: mail?.lease, refuse: 'no' } });
    expect([late.status, late.json()]).toEqual([409, expect.objectContaining({ code: 'lease-lost' })]);
    await statusWhen(gateway.url, idOf(sent), ({ state }) => state === 'COMPLETED');
    expect(
      (await http(`${gateway.url}/box/messages/${mail?.deliveryId}/ack`, { key: KEYS.pratola, body: { lease: 'x' } }))
        .status,
    ).toBe(404);
  });

  it('10: shows the timeline to the sender and to nobody else', async () => {
    const sent = await sendRest(noticeJson());
    await statusWhen(gateway.url, idOf(sent), ({ state }) => state === 'COMPLETED');
    const timeline = await http(`${gateway.url}/messages/${idOf(sent)}/timeline`, { key: KEYS.sulmona });
    const { entries } = timeline.json<{ entries: { event: string; stations?: { station: string }[] }[] }>();
    expect(entries[0]?.event).toBe('message.accepted');
    expect(entries[0]?.stations?.map(({ station }) => station)).toEqual([
      'identify',
      'read',
      'decode',
      'resolve',
      'authorise',
      'validate',
    ]);
    expect(entries.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['delivery.claimed', 'delivery.delivered', 'message.completed']),
    );
    const stranger = await http(`${gateway.url}/messages/${idOf(sent)}/timeline`, { key: KEYS.pratola });
    expect(stranger.status).toBe(404);
  });

  it('4: serves the published interfaces with PUBLIC_URL in them, whatever the Host header says', async () => {
    const wsdl = await http(`${gateway.url}${SOAP}?wsdl`, { headers: { host: 'evil.example' } });
    expect(wsdl.status).toBe(200);
    expect(wsdl.text).toContain('location="https://porta.example/soap/c_h007/v1/VariazioneAnagrafica"');
    expect(wsdl.text).not.toContain('evil.example');
    const imports = [...wsdl.text.matchAll(/schemaLocation="https:\/\/porta\.example([^"]+)"/g)].map(([, path]) =>
      path?.replaceAll('&amp;', '&'),
    );
    expect(imports.length).toBeGreaterThan(0);
    for (const path of imports) expect((await http(`${gateway.url}${path}`)).text).toContain('schema');
    const openapi = await http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/openapi.yaml`);
    expect(openapi.text).toContain('https://porta.example/rest/r_abruzz/v1/VariazioneAnagrafica');
  });

  it('4: answers an address that nobody serves, and an operator without a token, with problem+json', async () => {
    for (const [path, status] of [
      ['/nowhere', 404],
      ['/soap/c_h007/v9/VariazioneAnagrafica?wsdl', 404],
      ['/admin/messages', 401],
    ] as const) {
      const answer = await http(`${gateway.url}${path}`);
      expect([answer.status, answer.headers['content-type']?.split(';')[0]]).toEqual([
        status,
        'application/problem+json',
      ]);
    }
  });

  it('4: requires a message id where the agreement filters duplicates', async () => {
    const inoltro = readFileSync('schemas/protocollo/1.0/examples/inoltroProtocollo.json', 'utf8');
    const body = JSON.parse(inoltro) as { testata: Record<string, string> };
    body.testata = { ...body.testata, codiceIpaMittente: 'c_i804', codiceIpaDestinatario: 'c_h007' };
    const answer = await http(`${gateway.url}/rest/c_h007/v1/InoltroProtocollo/inoltri`, { key: KEYS.sulmona, body });
    expect(answer.json()).toMatchObject({ status: 400, code: 'message-id-missing' });
    const made = await sendRest(noticeJson());
    expect(made.json<{ messageId: string }>().messageId).toMatch(/^urn:uuid:/);
  });
});
