import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { http, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { freePort } from '../support/ports.js';
import { addSafeService, writeQueryRegistry } from '../support/query-registry.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

const example = (name: string) => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');
const envelope = (xml: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${xml.replace(/<\?xml[^>]*\?>\s*/, '')}</e:Body></e:Envelope>`;
const ACTION = '"https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria"';
const ASKED_JSON = example('richiestaPosizioneTributaria.json');
const ANSWERED_JSON = example('rispostaPosizioneTributaria.json');
const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti/1';
const TIMEOUT_MS = 10_000;
const FAILURES = 5;

describe('queries of providers that fail, embedded', () => {
  let data: string;
  let directory: string;
  let gateway: RunningGateway;
  let rest: Receiver;
  let deadPort: number;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'crocevia-data-'));
    [rest, deadPort] = await Promise.all([startReceiver(), freePort()]);
    const soap = `http://127.0.0.1:${deadPort}/in`;
    directory = await writeQueryRegistry({ soap, rest: rest.url, timeoutMs: TIMEOUT_MS });
    await addSafeService(directory, { protocol: 'rest', url: rest.url, timeoutMs: TIMEOUT_MS });
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: resolve(directory) });
  }, 60_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rest.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const ask = (path: string, call: HttpCall = {}) => http(`${gateway.url}${path}`, { key: KEYS.regione, ...call });
  const askSulmona = () =>
    ask('/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta', { body: JSON.parse(ASKED_JSON) as object });
  const askJson = (participant: string, service: string) =>
    ask(`/rest/${participant}/v1/${service}/posizioni/consulta`, {
      body: JSON.parse(ASKED_JSON.replaceAll('c_i804', participant)) as object,
    });
  const code = (answer: HttpAnswer) => [answer.status, answer.json<{ code: string }>().code];

  const json =
    (status: number, body: string, more: Record<string, string> = {}) =>
    (reply: ServerResponse) =>
      void reply.writeHead(status, { 'content-type': 'application/json', ...more }).end(body);
  const broken = (reply: ServerResponse) => void reply.destroy();
  const found = json(200, '{"nome":"Anna"}');
  const busy = (seconds: number) => json(503, '{}', { 'retry-after': String(seconds) });

  /** Answers in this order, and at last always the last; returns how often it was called since. */
  function answerInTurn(...answers: ((reply: ServerResponse) => void)[]): () => number {
    const before = rest.received.length;
    const turn = () => Math.min(rest.received.length - before, answers.length) - 1;
    rest.answerWith((_, reply) => answers[turn()]!(reply));
    return () => rest.received.length - before;
  }

  async function stationsOf({ headers }: HttpAnswer): Promise<string[]> {
    const id = headers['x-gateway-id'] as string;
    await statusWhen(gateway.url, id, () => true);
    const told = await http(`${gateway.url}/admin/messages/${id}/timeline`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    const { entries } = told.json<{ entries: { stations?: { station: string }[] }[] }>();
    return entries.flatMap(({ stations = [] }) => stations.map(({ station }) => station));
  }

  it('6: asks again what is safe or idempotent where the connection breaks once, and tells the attempts', async () => {
    const reads = answerInTurn(broken, found);
    const read = await ask(RESIDENTE);
    expect([read.status, reads()]).toEqual([200, 2]);
    expect(await stationsOf(read)).toEqual(expect.arrayContaining(['wait: attempt 1', 'wait: attempt 2']));
    const writes = answerInTurn(broken, (reply) => void reply.writeHead(204).end());
    const written = await ask(RESIDENTE, { method: 'PUT', body: { nome: 'Ugo' } });
    expect([written.status, writes()]).toEqual([204, 2]);
    const safe = answerInTurn(broken, json(200, ANSWERED_JSON));
    expect([(await askJson('c_h166', 'PosizioneSicura')).status, safe()]).toEqual([200, 2]);
  }, 20_000);

  it('6: asks a POST that is not declared safe exactly once', async () => {
    const calls = answerInTurn(broken, json(200, ANSWERED_JSON));
    expect(code(await askJson('c_h007', 'PosizioneTributaria'))).toEqual([502, 'receiver-error']);
    expect(calls()).toBe(1);
    const unavailable = answerInTurn(json(503, '{}'), json(200, ANSWERED_JSON));
    expect((await askJson('c_h007', 'PosizioneTributaria')).status).toBe(503);
    expect(unavailable()).toBe(1);
    answerInTurn(found);
    expect((await ask(RESIDENTE)).status).toBe(200);
  });

  it('6: asks three times at most, and not again once an answer has begun', async () => {
    const calls = answerInTurn(json(502, '{}'));
    expect((await ask(RESIDENTE)).status).toBe(502);
    expect(calls()).toBe(3);
    const begun = answerInTurn((reply) => {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"nome":');
      setImmediate(() => reply.destroy());
    });
    expect(code(await ask(RESIDENTE))).toEqual([502, 'receiver-error']);
    expect(begun()).toBe(1);
    answerInTurn(found);
    expect((await ask(RESIDENTE)).status).toBe(200);
  });

  it('6: waits as Retry-After says, and asks nothing again past the deadline', async () => {
    const patient = answerInTurn(busy(1), found);
    const started = performance.now();
    expect((await ask(RESIDENTE)).status).toBe(200);
    expect([patient(), performance.now() - started >= 990]).toEqual([2, true]);
    const late = answerInTurn(busy(2), found);
    const refused = await ask(RESIDENTE, { headers: { prefer: 'wait=1' } });
    expect([refused.status, refused.headers['retry-after'], late()]).toEqual([503, '2', 1]);
  });

  it('6: a consumer that hangs up ends the call of the provider', async () => {
    const gone = new AbortController();
    const closed = new Promise<void>((seen) => rest.answerWith((_, reply) => void reply.once('close', seen)));
    const before = rest.received.length;
    const asking = ask(`${RESIDENTE}77`, { signal: gone.signal }).catch(() => 'gone');
    await rest.next(({ path }) => path.endsWith('/177'));
    const started = performance.now();
    gone.abort();
    expect(await asking).toBe('gone');
    await closed;
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS / 2);
    answerInTurn(found);
    expect((await ask(RESIDENTE)).status).toBe(200);
    expect(rest.received.length - before).toBe(2);
  });

  it('6: a dead provider is asked no more, others are; once it is back a probe closes its circuit', async () => {
    for (let failures = 0; failures < FAILURES; failures += 1)
      expect(code(await askSulmona())).toEqual([502, 'receiver-unreachable']);
    const back = await startReceiver(deadPort);
    back.answerWith((_, reply) =>
      reply.writeHead(200, { 'content-type': 'text/xml' }).end(envelope(example('rispostaPosizioneTributaria.xml'))),
    );
    const took: number[] = [];
    for (let refusals = 0; refusals < 5; refusals += 1) {
      const started = performance.now();
      const refused = await askSulmona();
      took.push(performance.now() - started);
      expect(code(refused)).toEqual([503, 'circuit-open']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(Math.min(...took)).toBeLessThan(50);
    expect(back.received).toEqual([]);
    answerInTurn(found);
    expect((await ask(RESIDENTE)).status).toBe(200);
    const soap = await ask('/soap/c_i804/v1/PosizioneTributaria', {
      body: envelope(example('richiestaPosizioneTributaria.xml')),
      headers: { 'content-type': 'text/xml', soapaction: ACTION },
    });
    expect(soap.text).toMatch(/faultcode>\w+:Server<[^]*circuit-open/);

    expect(await answeredWithin(15_000)).toMatchObject({ status: 200 });
    expect(back.received).toHaveLength(1);
    expect((await askSulmona()).status).toBe(200);
    expect([...gateway.logs().matchAll(/query\.circuit-[a-z-]+/g)].map(([event]) => event)).toEqual([
      'query.circuit-open',
      'query.circuit-half-open',
      'query.circuit-closed',
    ]);
    await back.stop();
  }, 30_000);

  /** The first answer of Sulmona that is not circuit-open. */
  async function answeredWithin(limitMs: number): Promise<HttpAnswer> {
    const end = Date.now() + limitMs;
    for (;;) {
      const answer = await askSulmona();
      if (answer.status !== 503 || Date.now() > end) return answer;
      await pause(100);
    }
  }
});
