import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { http, idOf, type HttpAnswer } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { addSafeService, writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, codeOf, queryStage, stationsOf } from '../support/query-stage.js';
import { startReceiver } from '../support/receiver.js';
import { embedded } from '../support/shapes.js';
import { ANSWERED, ANSWERED_JSON, ASKED, askedJsonOf, envelope, SOAP_HEADERS } from '../support/tax-query.js';

const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti/1';
const TIMEOUT_MS = 10_000;
const FAILURES = 5;

describe('queries of providers that fail, embedded', () => {
  let deadPort: number;
  const stage = queryStage(embedded, async ({ pratola: { url } }) => {
    deadPort = await freePort();
    const soap = `http://127.0.0.1:${deadPort}/in`;
    const directory = await writeQueryRegistry({ soap, rest: url, timeoutMs: TIMEOUT_MS });
    await addSafeService(directory, { protocol: 'rest', url, timeoutMs: TIMEOUT_MS });
    return directory;
  });
  const ask = asker(stage);
  const askJson = (participant: string, service = 'PosizioneTributaria') =>
    ask(`/rest/${participant}/v1/${service}/posizioni/consulta`, { body: askedJsonOf(participant) });
  const askSulmona = () => askJson('c_i804');

  const json =
    (status: number, body: string, more: Record<string, string> = {}) =>
    (reply: ServerResponse) =>
      void reply.writeHead(status, { 'content-type': 'application/json', ...more }).end(body);
  const broken = (reply: ServerResponse) => void reply.destroy();
  const found = json(200, '{"nome":"Anna"}');
  const busy = (seconds: number) => json(503, '{}', { 'retry-after': String(seconds) });

  /** Answers in this order, and at last always the last; returns how often it was called since. */
  function answerInTurn(...answers: ((reply: ServerResponse) => void)[]): () => number {
    const before = stage.pratola.received.length;
    const turn = () => Math.min(stage.pratola.received.length - before, answers.length) - 1;
    stage.pratola.answerWith((_, reply) => answers[turn()]!(reply));
    return () => stage.pratola.received.length - before;
  }

  it('6: asks again what is safe or idempotent where the connection breaks once, and tells the attempts', async () => {
    const reads = answerInTurn(broken, found);
    const read = await ask(RESIDENTE);
    expect([read.status, reads()]).toEqual([200, 2]);
    expect(await stationsOf(stage.gateway, idOf(read))).toEqual(
      expect.arrayContaining(['wait: attempt 1', 'wait: attempt 2']),
    );
    const writes = answerInTurn(broken, (reply) => void reply.writeHead(204).end());
    const written = await ask(RESIDENTE, { method: 'PUT', body: { nome: 'Ugo' } });
    expect([written.status, writes()]).toEqual([204, 2]);
    const safe = answerInTurn(broken, json(200, JSON.stringify(ANSWERED_JSON)));
    expect([(await askJson('c_h166', 'PosizioneSicura')).status, safe()]).toEqual([200, 2]);
  }, 20_000);

  it('6: asks nothing of a system that an operator has paused', async () => {
    const calls = answerInTurn(found);
    const turn = (name: string) =>
      http(`${stage.gateway.url}/admin/systems/pratola.sistema/${name}`, { ...asOperator, method: 'POST' });
    await turn('pause');
    const refused = await ask(RESIDENTE);
    expect([...codeOf(refused), refused.headers['retry-after'], calls()]).toEqual([503, 'receiver-paused', '60', 0]);
    await turn('resume');
    expect([(await ask(RESIDENTE)).status, calls()]).toEqual([200, 1]);
  });

  it('6: asks a POST that is not declared safe exactly once', async () => {
    const calls = answerInTurn(broken, json(200, JSON.stringify(ANSWERED_JSON)));
    expect(codeOf(await askJson('c_h007'))).toEqual([502, 'receiver-error']);
    expect(calls()).toBe(1);
    const unavailable = answerInTurn(json(503, '{}'), json(200, JSON.stringify(ANSWERED_JSON)));
    expect((await askJson('c_h007')).status).toBe(503);
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
    expect(codeOf(await ask(RESIDENTE))).toEqual([502, 'receiver-error']);
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

  it('6: a dead provider is asked no more, others are; once it is back a probe closes its circuit', async () => {
    for (let failures = 0; failures < FAILURES; failures += 1)
      expect(codeOf(await askSulmona())).toEqual([502, 'receiver-unreachable']);
    const back = await startReceiver(deadPort);
    back.answerWith((_, reply) => reply.writeHead(200, { 'content-type': 'text/xml' }).end(envelope(ANSWERED)));
    const took: number[] = [];
    for (let refusals = 0; refusals < 5; refusals += 1) {
      const started = performance.now();
      const refused = await askSulmona();
      took.push(performance.now() - started);
      expect(codeOf(refused)).toEqual([503, 'circuit-open']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(Math.min(...took)).toBeLessThan(50);
    expect(back.received).toEqual([]);
    answerInTurn(found);
    expect((await ask(RESIDENTE)).status).toBe(200);
    const soap = await ask('/soap/c_i804/v1/PosizioneTributaria', {
      body: envelope(ASKED),
      headers: SOAP_HEADERS,
    });
    expect(soap.text).toMatch(/faultcode>\w+:Server<[^]*circuit-open/);

    expect(await answeredWithin(15_000)).toMatchObject({ status: 200 });
    expect(back.received).toHaveLength(1);
    expect((await askSulmona()).status).toBe(200);
    expect([...stage.gateway.logs().matchAll(/query\.circuit-[a-z-]+/g)].map(([event]) => event)).toEqual([
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
