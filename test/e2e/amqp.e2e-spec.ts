import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import { amqpSystem, grant, type AmqpSystem, type Grant } from '../support/amqp-system.js';
import { http, statusWhen, type StatusView } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, NOTICE_ACTION, NOTICE_TYPE } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

const SULMONA = 'sulmona.anagrafe';
const REGIONE = 'regione.anagrafe';
const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';
const JSON_NOTICE = { contentType: 'application/json', headers: { 'x-address': REST } };
const LIMIT_MS = 30_000;

const headerOf = (reply: ConsumeMessage, name: string) => String(reply.properties.headers?.[name]);
const idIn = (reply: ConsumeMessage) => headerOf(reply, 'location').split('/').at(-1) ?? '';
const bodyOf = (message: ConsumeMessage) => JSON.parse(message.content.toString()) as Record<string, unknown>;

describe('systems that speak AMQP, standard', () => {
  let ground: Ground;
  let amqpUrl: string;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let sulmona: AmqpSystem;
  let regione: AmqpSystem;
  let grants: readonly Grant[];

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([standard(), startReceiver()]);
    amqpUrl = ground.env['AMQP_URL'] as string;
    const directory = await writeRegistry({
      pratola: { channel: 'push-soap', url: pratola.url, shape: 'soap11' },
      regione: { channel: 'amqp-queue', shape: 'json' },
      amqp: { sulmona: 'sulmona-mq', regione: 'regione-mq' },
    });
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
    });
    grants = [await grant(gateway.url, SULMONA), await grant(gateway.url, REGIONE)];
    sulmona = await amqpSystem(amqpUrl, grants[0] as Grant);
    regione = await amqpSystem(amqpUrl, grants[1] as Grant);
  }, 150_000);

  afterAll(async () => {
    await Promise.all([sulmona.stop(), regione.stop()]);
    expect(await gateway.stop()).toBe(0);
    await Promise.all([pratola.stop(), ground.stop()]);
  }, 60_000);

  const sendNotice = async () => idIn(await sulmona.ask(notice(), { ...JSON_NOTICE, messageId: randomUUID() }));
  const notice = () => JSON.stringify(noticeJson('r_abruzz'));
  const receipt = (deliveryId: string, body: object, as = regione) =>
    as.ask(JSON.stringify(body), { messageId: randomUUID(), type: 'receipt', correlationId: deliveryId });
  const arrived = (id: string) => regione.out.next((message) => headerOf(message, 'x-gateway-id') === id);

  it(
    '7: grants a user once to an operator, and none for a system without an amqp credential',
    async () => {
      expect(grants.map(({ username }) => username)).toEqual(['sulmona-mq', 'regione-mq']);
      const authorization = `Bearer ${ADMIN_TOKEN}`;
      const path = `${gateway.url}/admin/broker/grants`;
      expect((await http(`${path}/${SULMONA}`, { method: 'POST' })).status).toBe(401);
      const none = await http(`${path}/raiano.anagrafe`, { method: 'POST', headers: { authorization } });
      expect([none.status, none.json()]).toMatchObject([400, { code: 'parameter-wrong', place: 'system' }]);
      const other = await http(`${path}/${SULMONA}?username=guest`, { method: 'POST', headers: { authorization } });
      expect([other.status, other.json()]).toMatchObject([
        400,
        { code: 'parameter-wrong', place: 'username', expected: 'sulmona-mq' },
      ]);
    },
    LIMIT_MS,
  );

  it(
    '7: takes REST over AMQP and tells acceptance by a reply message',
    async () => {
      const messageId = randomUUID();
      const reply = await sulmona.ask(notice(), { ...JSON_NOTICE, messageId, correlationId: 'case-7' });
      expect(headerOf(reply, 'x-status')).toBe('202');
      expect(reply.properties.correlationId).toBe('case-7');
      const status = await http(`${gateway.url}/messages/${idIn(reply)}`, { key: KEYS.sulmona });
      expect(status.json()).toMatchObject({ messageId, correlationId: 'case-7', sender: 'c_i804' });
    },
    LIMIT_MS,
  );

  it('2: reads the priority of a message by AMQP as X-Priority, whose header goes before it', async () => {
    const ask = (properties: object) =>
      sulmona.ask(notice(), { ...JSON_NOTICE, messageId: randomUUID(), ...properties });
    const refused = await ask({ priority: 12 });
    expect(headerOf(refused, 'x-status')).toBe('400');
    expect(bodyOf(refused)).toMatchObject({ code: 'parameter-wrong', place: 'X-Priority' });
    const headers = { ...JSON_NOTICE.headers, 'x-priority': '3' };
    expect(headerOf(await ask({ priority: 12, headers }), 'x-status')).toBe('202');
    expect(headerOf(await ask({ priority: 9 }), 'x-status')).toBe('202');
  });

  it(
    '7: takes SOAP over AMQP and delivers it by push',
    async () => {
      const messageId = `urn:uuid:${randomUUID()}`;
      const headers = { 'x-address': SOAP, soapaction: `"${NOTICE_ACTION}"` };
      const properties = { messageId, contentType: 'text/xml; charset=utf-8', headers };
      const reply = await sulmona.ask(envelope({ messageId }), properties);
      expect([headerOf(reply, 'x-status'), reply.properties.contentType]).toEqual([
        '200',
        expect.stringContaining('text/xml'),
      ]);
      expect(reply.content.toString()).toMatch(/presaInCarico/);
      const pushed = await pratola.next(({ headers: got }) => got['x-gateway-id'] === idIn(reply));
      expect(pushed.body.toString()).toContain('RSSMRA80A01I804K');
    },
    LIMIT_MS,
  );

  it(
    '7: takes CloudEvents over AMQP, binary and structured',
    async () => {
      const attributes = { specversion: '1.0', type: NOTICE_TYPE, source: '/sulmona', receiver: 'r_abruzz' };
      const [one, two] = [randomUUID(), randomUUID()];
      const ce = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
      const binary = await sulmona.ask(notice(), {
        messageId: one,
        contentType: 'application/json',
        headers: { 'x-address': '/messages', 'ce-id': one, ...ce },
      });
      expect([headerOf(binary, 'x-status'), binary.content.toString()]).toEqual(['202', expect.stringContaining(one)]);
      const event = { ...attributes, id: two, datacontenttype: 'application/json', data: noticeJson('r_abruzz') };
      const structured = await sulmona.ask(JSON.stringify(event), {
        messageId: two,
        contentType: 'application/cloudevents+json',
        headers: { 'x-address': '/messages' },
      });
      expect(headerOf(structured, 'x-status')).toBe('202');
      expect(bodyOf(await arrived(idIn(structured)))).toEqual(noticeJson('r_abruzz'));
    },
    LIMIT_MS,
  );

  it(
    '5: answers an invalid message with the fault of its protocol',
    async () => {
      const wrong = JSON.stringify({ ...noticeJson('r_abruzz'), tipoVariazione: 'TRASLOCO' });
      const rest = await sulmona.ask(wrong, { ...JSON_NOTICE, messageId: randomUUID() });
      expect([headerOf(rest, 'x-status'), bodyOf(rest)]).toEqual([
        '400',
        expect.objectContaining({ code: 'schema-violation' }),
      ]);
      const messageId = `urn:uuid:${randomUUID()}`;
      const soap = await sulmona.ask(envelope({ messageId, body: '<a/>' }), {
        messageId,
        contentType: 'text/xml; charset=utf-8',
        headers: { 'x-address': SOAP },
      });
      expect(headerOf(soap, 'x-status')).toBe('500');
      expect(soap.content.toString()).toMatch(/faultcode>[a-zA-Z]*:?Client</);
      const nowhere = await sulmona.ask('{}', { messageId: randomUUID(), headers: { 'x-address': '/nowhere' } });
      expect([headerOf(nowhere, 'x-status'), bodyOf(nowhere)]).toEqual([
        '404',
        expect.objectContaining({ code: 'route-unknown' }),
      ]);
    },
    LIMIT_MS,
  );

  it(
    '7: refuses a message that does not say who published it',
    async () => {
      const messageId = randomUUID();
      await sulmona.submit(notice(), { ...JSON_NOTICE, messageId });
      const reply = await sulmona.replies.next(({ properties }) => properties.messageId === `reply:${messageId}`);
      expect([headerOf(reply, 'x-status'), bodyOf(reply)]).toEqual([
        '401',
        expect.objectContaining({ code: 'credentials-missing' }),
      ]);
    },
    LIMIT_MS,
  );

  it(
    '6: answers a repeated message like the first and delivers it once',
    async () => {
      const properties = { ...JSON_NOTICE, messageId: randomUUID() };
      const first = await sulmona.ask(notice(), properties);
      const again = await sulmona.ask(notice(), properties, 2);
      expect(headerOf(again, 'x-status')).toBe('202');
      expect(idIn(again)).toBe(idIn(first));
      const other = JSON.stringify({ ...noticeJson('r_abruzz'), tipoVariazione: 'DECESSO' });
      const conflict = await sulmona.ask(other, properties, 3);
      expect([headerOf(conflict, 'x-status'), bodyOf(conflict)]).toEqual([
        '409',
        expect.objectContaining({ code: 'duplicate-conflict' }),
      ]);
      const { deliveries } = await statusWhen(gateway.url, idIn(first), available);
      expect(deliveries).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    '8: a delivery is AVAILABLE until its receiver says that it has it',
    async () => {
      const id = await sendNotice();
      const taken = await arrived(id);
      expect(bodyOf(taken)).toEqual(noticeJson('r_abruzz'));
      const deliveryId = String(taken.properties.messageId);
      await statusWhen(gateway.url, id, available);
      const done = await receipt(deliveryId, { outcome: 'delivered' });
      expect([headerOf(done, 'x-status'), bodyOf(done)]).toEqual(['200', { deliveryId, repeated: false }]);
      expect(bodyOf(await receipt(deliveryId, { outcome: 'delivered' }))).toEqual({ deliveryId, repeated: true });
      const seen = (await http(`${gateway.url}/messages/${id}`, { key: KEYS.sulmona })).json() as unknown as StatusView;
      expect(seen).toMatchObject({ state: 'COMPLETED', deliveries: [{ state: 'DELIVERED', receiver: 'r_abruzz' }] });
      expect(seen.receipts.map(({ kind }) => kind)).toEqual(['taken', 'delivered']);
    },
    LIMIT_MS,
  );

  it(
    '8: a delivery that its receiver refuses is FAILED, and the sender reads why',
    async () => {
      const id = await sendNotice();
      const deliveryId = String((await arrived(id)).properties.messageId);
      await statusWhen(gateway.url, id, available);
      await receipt(deliveryId, { outcome: 'refused', reason: 'unknown resident' });
      const seen = (await http(`${gateway.url}/messages/${id}`, { key: KEYS.sulmona })).json();
      expect(seen).toMatchObject({
        state: 'PARTIALLY_FAILED',
        deliveries: [{ state: 'FAILED', fault: { code: 'receiver-refused', detail: 'unknown resident' } }],
        receipts: [{ kind: 'taken' }, { kind: 'refused' }],
      });
    },
    LIMIT_MS,
  );

  it(
    '8: tells what is wrong with a receipt, and knows only the deliveries of the system itself',
    async () => {
      const id = await sendNotice();
      const deliveryId = String((await arrived(id)).properties.messageId);
      await statusWhen(gateway.url, id, available);
      const foreign = await receipt(deliveryId, { outcome: 'delivered' }, sulmona);
      expect([headerOf(foreign, 'x-status'), bodyOf(foreign)['code']]).toEqual(['404', 'message-unknown']);
      const malformed = await receipt(deliveryId, { outcome: 'perhaps' });
      expect([headerOf(malformed, 'x-status'), bodyOf(malformed)['code']]).toEqual(['400', 'parameter-wrong']);
      await statusWhen(gateway.url, id, available);
    },
    LIMIT_MS,
  );

  it(
    '7: one user cannot publish as another, nor read what is another’s',
    async () => {
      const text = Buffer.from(notice());
      const key = (channel: Parameters<Parameters<AmqpSystem['refusalOf']>[0]>[0], system: string, userId: string) =>
        void channel.publish('crocevia.submissions', system, text, { ...JSON_NOTICE, userId });
      expect(await regione.refusalOf((channel) => key(channel, REGIONE, 'sulmona-mq'))).toMatch(/PRECONDITION_FAILED/);
      expect(await regione.refusalOf((channel) => key(channel, SULMONA, 'regione-mq'))).toMatch(/ACCESS_REFUSED/);
      expect(
        await regione.refusalOf((channel) => void channel.sendToQueue(`crocevia.system.${SULMONA}`, text)),
      ).toMatch(/ACCESS_REFUSED/);
      for (const queue of ['reply', 'out', 'submit'].map((name) => `crocevia.${name}.${SULMONA}`))
        expect(await regione.refusalOf((channel) => channel.get(queue))).toMatch(/ACCESS_REFUSED/);
    },
    LIMIT_MS,
  );

  it(
    '7: refuses what another user, whom RabbitMQ let in, published to the system’s queue',
    async () => {
      const guest = await amqpSystem(amqpUrl, {
        system: SULMONA,
        username: 'guest',
        password: 'guest',
        vhost: grants[0]!.vhost,
      });
      const messageId = randomUUID();
      await guest.submit(notice(), { ...JSON_NOTICE, messageId, userId: 'guest' });
      const mine = ({ properties }: ConsumeMessage) => properties.messageId === `reply:${messageId}`;
      const reply = await Promise.race([guest.replies.next(mine), sulmona.replies.next(mine)]);
      await guest.stop();
      expect([headerOf(reply, 'x-status'), bodyOf(reply)['code']]).toEqual(['403', 'sender-mismatch']);
    },
    LIMIT_MS,
  );
});

const available = ({ deliveries }: StatusView) => deliveries[0]?.state === 'AVAILABLE';
