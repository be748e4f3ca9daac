import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { http, idOf, statusWhen } from '../support/client.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, codeOf, eventsOf, lastOf, queryStage, say, timelineOf } from '../support/query-stage.js';
import { SHAPES } from '../support/shapes.js';
import {
  ANSWERED,
  ANSWERED_JSON,
  ACTION,
  ASKED,
  ASKED_JSON,
  askedJsonOf,
  askedOf,
  envelope,
  example,
  SOAP12,
  SOAP_HEADERS,
} from '../support/tax-query.js';

const SULMONA_SOAP = '/soap/c_i804/v1/PosizioneTributaria';
const SULMONA_REST = '/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta';
const PRATOLA_SOAP = '/soap/c_h007/v1/PosizioneTributaria';
const PRATOLA_REST = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
const RESIDENTI = '/rest/c_h007/v1/Residenti';
const TIMEOUT_MS = 2_000;

describe.each(SHAPES)('queries, %s', (_name, lay) => {
  const stage = queryStage(
    lay,
    ({ sulmona, pratola }) =>
      writeQueryRegistry({
        soap: sulmona.url,
        rest: pratola.url,
        timeoutMs: TIMEOUT_MS,
        answers: { concurrency: 2, waiting: 2 },
      }),
    { PUBLIC_URL: 'https://porta.example' },
  );
  const ask = asker(stage);
  const askSoap = (path = SULMONA_SOAP, body = ASKED) => ask(path, { body: envelope(body), headers: SOAP_HEADERS });
  const askRest = (path = SULMONA_REST, body: object = ASKED_JSON, headers: Record<string, string> = {}) =>
    ask(path, { body, headers });

  it('1: asks a SOAP provider and gives its answer byte for byte', async () => {
    stage.sulmona.answerWith(say(200, 'text/xml; charset=utf-8', envelope(ANSWERED)));
    const answer = await askSoap();
    expect([answer.status, answer.text]).toEqual([200, envelope(ANSWERED)]);
    expect(lastOf(stage.sulmona)).toMatchObject({
      method: 'POST',
      headers: { soapaction: ACTION, 'x-sender': 'r_abruzz' },
    });
    expect(lastOf(stage.sulmona).body.toString()).toBe(envelope(ASKED));
    expect(lastOf(stage.sulmona).headers['x-correlation-id']).toBe(answer.headers['x-correlation-id']);
  });

  it('1: asks a REST provider and gives its answer byte for byte', async () => {
    stage.pratola.answerWith(
      say(200, 'application/json', JSON.stringify(ANSWERED_JSON), { etag: '"7"', 'x-internal': 'no' }),
    );
    const answer = await askRest(PRATOLA_REST, askedJsonOf('c_h007'));
    expect([answer.status, answer.text]).toEqual([200, JSON.stringify(ANSWERED_JSON)]);
    expect([answer.headers['etag'], answer.headers['x-internal']]).toEqual(['"7"', undefined]);
    expect(lastOf(stage.pratola)).toMatchObject({ method: 'POST', path: '/in/posizioni/consulta' });
  });

  it('1: refuses an answer that is not what is published, with the place', async () => {
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(example('rispostaPosizioneTributaria.un-decimale.xml'))));
    const wrong = await askRest();
    expect(codeOf(wrong)).toEqual([502, 'answer-invalid']);
    expect(wrong.json()).toMatchObject({
      blame: 'receiver',
      errors: [{ path: expect.stringContaining('rispostaPosizioneTributaria') }],
    });
    const inSoap = await askSoap();
    expect([inSoap.status, inSoap.text]).toEqual([
      500,
      expect.stringMatching(/Server<[^]*answer-invalid[^]*violazione/),
    ]);
  });

  it('1: at the deadline ends the call and answers 504 or a SOAP fault, with the correlation id', async () => {
    const closed: Promise<unknown>[] = [];
    const late = say(200, 'text/xml', envelope(ANSWERED));
    // Answers what nobody reads any more.
    stage.sulmona.answerWith((asked, reply) => void closed.push(once(reply, 'close').then(() => late(asked, reply))));
    const started = performance.now();
    const [problem, fault] = await Promise.all([
      askRest(SULMONA_REST, ASKED_JSON, { 'x-correlation-id': 'pratica-1', prefer: 'wait=1' }),
      ask(SULMONA_SOAP, {
        body: envelope(ASKED),
        headers: { ...SOAP_HEADERS, 'x-correlation-id': 'pratica-2' },
      }),
    ]);
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS + 1_500);
    expect([problem.status, problem.headers['x-correlation-id']]).toEqual([504, 'pratica-1']);
    expect(problem.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(problem.json()).toMatchObject({
      code: expect.stringMatching(/query-timeout|receiver-timeout/),
      retryable: true,
    });
    expect([fault.status, fault.headers['x-correlation-id']]).toEqual([500, 'pratica-2']);
    expect([fault.headers['content-type'], fault.text]).toEqual([
      expect.stringContaining('text/xml'),
      expect.stringMatching(/<(\w+:)?Fault>[^]*-timeout/),
    ]);
    const asked = stage.sulmona.received.slice(-2).map(({ headers }) => headers['x-correlation-id']);
    expect(asked.sort()).toEqual(['pratica-1', 'pratica-2']);
    await Promise.all(closed);
    for (const each of [problem, fault])
      expect(await eventsOf(stage.gateway, idOf(each))).toEqual(['query.asked', 'query.failed']);
  });

  it('3: converts between a REST consumer and a SOAP provider, both ways', async () => {
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(ANSWERED)));
    const answer = await askRest();
    expect([answer.status, answer.headers['content-type'], answer.json()]).toEqual([
      200,
      'application/json',
      ANSWERED_JSON,
    ]);
    expect(lastOf(stage.sulmona).body.toString()).toMatch(/Envelope[^]*Body[^]*<(\w+:)?richiestaPosizioneTributaria/);
    expect(lastOf(stage.sulmona).headers['soapaction']).toBe(ACTION);
  });

  it('3: converts between a SOAP consumer and a REST provider, both ways', async () => {
    stage.pratola.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON)));
    const answer = await askSoap(PRATOLA_SOAP, askedOf('c_h007'));
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('text/xml')]);
    expect(answer.text).toMatch(/Envelope[^]*Body[^]*rispostaPosizioneTributaria[^]*380\.00/);
    expect(JSON.parse(lastOf(stage.pratola).body.toString())).toEqual(askedJsonOf('c_h007'));
    const soap12 = await ask(PRATOLA_SOAP, {
      body: envelope(askedOf('c_h007'), { namespace: SOAP12 }),
      headers: { 'content-type': `application/soap+xml; action=${ACTION}` },
    });
    expect([soap12.status, soap12.text]).toEqual([200, expect.stringContaining(SOAP12)]);
  });

  it('3: a SOAP fault becomes a problem, a problem becomes a SOAP fault', async () => {
    const fault = '<e:Fault><faultcode>e:Client</faultcode><faultstring>Codice fiscale ignoto</faultstring></e:Fault>';
    stage.sulmona.answerWith(say(500, 'text/xml', envelope(fault)));
    const problem = await askRest();
    expect(codeOf(problem)).toEqual([422, 'receiver-refused']);
    expect(problem.json()).toMatchObject({ detail: expect.stringContaining('Codice fiscale ignoto') });
    expect((await askSoap()).text).toBe(envelope(fault));
    const said = { type: 'about:blank', title: 'Sconosciuto', status: 404, detail: 'Nessuna posizione' };
    stage.pratola.answerWith(say(404, 'application/problem+json', JSON.stringify(said)));
    const inSoap = await askSoap(PRATOLA_SOAP, askedOf('c_h007'));
    expect([inSoap.status, inSoap.text]).toEqual([500, expect.stringMatching(/receiver-refused[^]*Nessuna posizione/)]);
  });

  it('6: refuses at once what is over the bound of the provider, and asks others meanwhile', async () => {
    const held: ServerResponse[] = [];
    const isBusy = new Promise<void>((resolve) =>
      stage.pratola.answerWith((_, reply) => void (held.push(reply) === 2 && resolve())),
    );
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(ANSWERED)));
    const started = performance.now();
    const took: number[] = [];
    const all = Array.from({ length: 12 }, async () => {
      const answer = await ask(`${RESIDENTI}/residenti/1`);
      if (answer.status === 503) took.push(performance.now() - started);
      return answer;
    });
    await isBusy;
    expect((await askSoap()).status).toBe(200);
    const answers = await Promise.all(all);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(refused[0]!.json()).toMatchObject({ code: 'receiver-overloaded', retryable: true });
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0);
    expect(Math.max(...took)).toBeLessThan(1_000);
    for (const reply of held) reply.destroy();
  });

  it('8: the trace tells request, route and answer with the time at each station', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"nome":"A"}'));
    const [asked, answered] = await timelineOf(stage.gateway, idOf(await ask(`${RESIDENTI}/residenti/1`)));
    expect([asked?.event, answered?.event]).toEqual(['query.asked', 'query.answered']);
    const stations = answered?.stations?.map(({ station }) => station) ?? [];
    expect(stations).toEqual(
      expect.arrayContaining(['decode', 'resolve', 'authorise', 'validate', 'wait', 'wait: called', 'answer']),
    );
  });

  it('6: a consumer that hangs up ends its question', async () => {
    stage.pratola.answerWith(() => undefined);
    const gone = new AbortController();
    const newest = async () => {
      const listed = await http(`${stage.gateway.url}/admin/messages?operation=leggiResidente&limit=1`, asOperator);
      return listed.json<{ items: { id: string }[] }>().items[0]?.id as string;
    };
    const before = await newest();
    const asking = ask(`${RESIDENTI}/residenti/77`, { signal: gone.signal }).catch(() => 'gone');
    await stage.pratola.next(({ path }) => path.endsWith('/77'));
    gone.abort();
    expect(await asking).toBe('gone');
    let id = before;
    while (id === before) id = await newest();
    await statusWhen(stage.gateway.url, id, ({ fault }) => fault?.code === 'consumer-gone');
  });
});
