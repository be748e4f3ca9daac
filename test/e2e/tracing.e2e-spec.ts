import { randomBytes, randomUUID } from 'node:crypto';
import { amqpSystem, grant, type AmqpSystem } from '../support/amqp-system.js';
import { http, idOf, type HttpAnswer } from '../support/client.js';
import { startCollector, type CollectedSpan, type Collector } from '../support/collector.js';
import { writeExchangeRegistry } from '../support/exchange-registry.js';
import { answering, correlationIdOf, ISTANZE, to } from '../support/exchange-stage.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson, NOTICE_TYPE } from '../support/messages.js';
import { say } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';
import { ANSWERED_JSON, askedJsonOf } from '../support/tax-query.js';

const newTrace = (flags = '01') => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
};
const [SERVER, CLIENT] = [2, 3];
const parts = (traceparent: unknown) => String(traceparent).split('-');

describe('8. traces, over two processes and RabbitMQ', () => {
  let ground: Ground;
  let collector: Collector;
  let [sulmona, pratola]: Receiver[] = [];
  let ingress: RunningGateway;
  let worker: RunningGateway;

  beforeAll(async () => {
    [ground, collector, sulmona, pratola] = await Promise.all([
      standard(),
      startCollector(),
      startReceiver(),
      startReceiver(),
    ]);
    const directory = await writeExchangeRegistry({ pratola: pratola!.url, sulmona: sulmona!.url });
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const start = (node: string, roles: string) => startGateway({ ...env, CROCEVIA_NODE: node, CROCEVIA_ROLES: roles });
    [ingress, worker] = await Promise.all([start('front', 'ingress,admin'), start('back', 'relay,dispatcher')]);
  }, 150_000);

  afterAll(async () => {
    expect(await Promise.all([ingress.stop(), worker.stop()])).toEqual([0, 0]);
    await Promise.all([ground.stop(), collector.stop(), sulmona!.stop(), pratola!.stop()]);
  }, 60_000);

  const ask = (path: string, body: object, headers: Record<string, string>): Promise<HttpAnswer> =>
    http(`${ingress.url}${path}`, { key: KEYS.sulmona, body, headers });
  const named = (spans: readonly CollectedSpan[], name: string) => spans.find((span) => span.name === name);

  it('8. the sender’s trace goes through acceptance and RabbitMQ to the receiver, and back with its answer', async () => {
    const { traceId, spanId, traceparent } = newTrace();
    const headers = { traceparent, tracestate: 'vendor=abc', 'x-replyto': `${sulmona!.url}/risposte` };
    const asked = await ask(`${ISTANZE}/calcolo`, { valore: 1 }, headers);
    const delivery = await pratola!.next(to(idOf(asked)));
    expect(delivery.headers['tracestate']).toBe('vendor=abc');
    const own = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
    await http(String(delivery.headers['x-replyto']).replace(/^https?:\/\/[^/]+/, ingress.url), {
      key: KEYS.pratola,
      headers: { traceparent: own },
      body: { esito: 'ok' },
    });
    const answer = await sulmona!.next(answering(correlationIdOf(asked)));
    const spans = await collector.trace(traceId, 3);
    const received = named(spans, 'receive Istanze');
    const [there, back] = ['c_h007', 'c_i804'].map((receiver) =>
      spans.find(({ name, attributes }) => name === 'deliver Istanze' && attributes['crocevia.receiver'] === receiver),
    );
    expect(received).toMatchObject({ parentSpanId: spanId, kind: SERVER, node: 'front' });
    expect(received?.attributes).toMatchObject({
      'messaging.message.id': idOf(asked),
      'crocevia.sender': 'c_i804',
      'crocevia.service': 'Istanze',
      'http.response.status_code': 202,
    });
    expect(received?.events).toEqual(['identify', 'read', 'decode', 'resolve', 'authorise', 'validate']);
    expect(there).toMatchObject({ parentSpanId: received?.spanId, kind: CLIENT, node: 'back' });
    expect(delivery.headers['traceparent']).toBe(`00-${traceId}-${there?.spanId}-01`);
    expect(back).toMatchObject({ parentSpanId: parts(own)[2], kind: CLIENT, node: 'back' });
    expect(answer.headers['traceparent']).toBe(`00-${traceId}-${back?.spanId}-01`);
  }, 60_000);

  it('8. a question carries it to the provider', async () => {
    pratola!.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON)));
    const { traceId, spanId, traceparent } = newTrace();
    const body = JSON.parse(JSON.stringify(askedJsonOf('c_h007')).replaceAll('r_abruzz', 'c_i804')) as object;
    const path = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
    const asked = await ask(path, body, { traceparent });
    const [received, called] = await (async () => {
      const spans = await collector.trace(traceId, 2);
      return [named(spans, 'receive PosizioneTributaria'), named(spans, 'ask PosizioneTributaria')];
    })();
    const question = pratola!.received.find(to(idOf(asked)));
    expect(received).toMatchObject({ parentSpanId: spanId, node: 'front' });
    expect(called).toMatchObject({ parentSpanId: received?.spanId, kind: CLIENT, node: 'back' });
    expect(question?.headers['traceparent']).toBe(`00-${traceId}-${called?.spanId}-01`);
  }, 60_000);

  it('8. begins a trace where none came or what came is wrong, and tells a refusal by its status', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { valore: 'wrong' }, { traceparent: '00-nothing-01' });
    expect(asked.status).toBe(400);
    const good = await ask(`${ISTANZE}/calcolo`, { valore: 3 }, { 'x-replyto': `${sulmona!.url}/risposte` });
    const delivery = await pratola!.next(to(idOf(good)));
    const [, traceId = ''] = parts(delivery.headers['traceparent']);
    const spans = await collector.trace(traceId, 2);
    expect(named(spans, 'receive Istanze')?.parentSpanId ?? '').toBe('');
    const refused = collector.spans.find(
      ({ name, attributes }) => name === 'receive' && attributes['http.response.status_code'] === 400,
    );
    expect(refused).toMatchObject({ node: 'front', kind: SERVER });
  }, 60_000);

  it('8. what the sender has not sampled is not told, and goes on all the same', async () => {
    const { traceId, traceparent } = newTrace('00');
    const asked = await ask(
      `${ISTANZE}/calcolo`,
      { valore: 4 },
      { traceparent, 'x-replyto': `${sulmona!.url}/risposte` },
    );
    const delivery = await pratola!.next(to(idOf(asked)));
    expect(parts(delivery.headers['traceparent']).filter((_, at) => at !== 2)).toEqual(['00', traceId, '00']);
    const later = newTrace();
    await ask(`${ISTANZE}/calcolo`, { valore: 5 }, { ...later, 'x-replyto': `${sulmona!.url}/risposte` });
    await collector.trace(later.traceId, 2);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  }, 60_000);
});

describe('8. traces that nobody takes', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let [pratola, receipts]: Receiver[] = [];
  let [sulmona, regione]: AmqpSystem[] = [];
  const REST = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';

  beforeAll(async () => {
    [ground, pratola, receipts] = await Promise.all([standard(), startReceiver(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: { channel: 'push-soap', url: pratola!.url, shape: 'soap11' },
      regione: { channel: 'amqp-queue', shape: 'json' },
      sulmonaReceipts: receipts!.url,
      amqp: { sulmona: 'sulmona-mq', regione: 'regione-mq' },
    });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    const amqpUrl = ground.env['AMQP_URL'] as string;
    [sulmona, regione] = await Promise.all(
      ['sulmona.anagrafe', 'regione.anagrafe'].map(async (id) => amqpSystem(amqpUrl, await grant(gateway.url, id))),
    );
  }, 150_000);

  afterAll(async () => {
    await Promise.all([sulmona!.stop(), regione!.stop()]);
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola!.stop(), receipts!.stop()]);
  }, 60_000);

  it('8. the context goes on as it came, into another protocol and back with the receipt', async () => {
    const { traceparent } = newTrace();
    const headers = { traceparent, tracestate: 'vendor=abc' };
    const sent = await http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson('c_h007'), headers });
    expect(sent.status).toBe(202);
    expect((await pratola!.next(to(idOf(sent)))).headers).toMatchObject(headers);
    expect((await receipts!.next(to(idOf(sent)))).headers).toMatchObject(headers);
  }, 30_000);

  it('8. is taken from an AMQP header and put into one', async () => {
    const { traceparent } = newTrace();
    const address = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
    const reply = await sulmona!.ask(JSON.stringify(noticeJson('r_abruzz')), {
      messageId: randomUUID(),
      contentType: 'application/json',
      headers: { 'x-address': address, traceparent },
    });
    const id = String(reply.properties.headers?.['location']).split('/').at(-1);
    const got = await regione!.out.next(({ properties }) => properties.headers?.['x-gateway-id'] === id);
    expect(got.properties.headers).toMatchObject({ traceparent });
  }, 30_000);

  it('8. is taken from an event that was born with it, unless the request has its own', async () => {
    const event = (traceparent: string, headers = {}) =>
      http(`${gateway.url}/messages`, {
        key: KEYS.sulmona,
        headers: { 'content-type': 'application/cloudevents+json', ...headers },
        body: JSON.stringify({
          specversion: '1.0',
          id: randomUUID(),
          source: '/c_i804',
          type: NOTICE_TYPE,
          receiver: 'c_h007',
          traceparent,
          datacontenttype: 'application/json',
          data: noticeJson('c_h007'),
        }),
      });
    const [born, own] = [newTrace(), newTrace()];
    const first = await event(born.traceparent);
    expect((await pratola!.next(to(idOf(first)))).headers).toMatchObject({ traceparent: born.traceparent });
    const second = await event(born.traceparent, { traceparent: own.traceparent });
    expect((await pratola!.next(to(idOf(second)))).headers).toMatchObject({ traceparent: own.traceparent });
    const third = await event('no context at all');
    expect(third.status).toBe(202);
    expect((await pratola!.next(to(idOf(third)))).headers).not.toHaveProperty('traceparent');
  }, 30_000);
});
