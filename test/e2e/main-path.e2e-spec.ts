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
import { KEYS, writeRegistry } from '../support/registry.js';
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
    const id = idOf(answer);
    expect(answer.headers['location']).toBe(`https://porta.example/messages/${id}`);
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
});
