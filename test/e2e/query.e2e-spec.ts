import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { http, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const example = (name: string) => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');
const bare = (xml: string) => xml.replace(/<\?xml[^>]*\?>\s*/, '');
const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
const envelope = (body: string, namespace = SOAP11) =>
  `<e:Envelope xmlns:e="${namespace}"><e:Body>${bare(body)}</e:Body></e:Envelope>`;
const ASKED = example('richiestaPosizioneTributaria.xml');
const ASKED_JSON = JSON.parse(example('richiestaPosizioneTributaria.json')) as { testata: object };
const ANSWERED = example('rispostaPosizioneTributaria.xml');
const ANSWERED_JSON = JSON.parse(example('rispostaPosizioneTributaria.json')) as object;
const ACTION = '"https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria"';
const SULMONA_SOAP = '/soap/c_i804/v1/PosizioneTributaria';
const SULMONA_REST = '/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta';
const PRATOLA_SOAP = '/soap/c_h007/v1/PosizioneTributaria';
const PRATOLA_REST = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
const RESIDENTI = '/rest/c_h007/v1/Residenti';
const TIMEOUT_MS = 2_000;

const say =
  (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}) =>
  (_: unknown, reply: ServerResponse) =>
    void reply.writeHead(status, { 'content-type': type, ...more }).end(body);
const toPratola = (text: string) => text.replaceAll('c_i804', 'c_h007');

describe.each(SHAPES)('queries, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let soap: Receiver;
  let rest: Receiver;

  beforeAll(async () => {
    ground = await lay();
    [soap, rest] = await Promise.all([startReceiver(), startReceiver()]);
    const directory = await writeQueryRegistry({
      soap: soap.url,
      rest: rest.url,
      timeoutMs: TIMEOUT_MS,
      answers: { concurrency: 2, waiting: 2 },
    });
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      PUBLIC_URL: 'https://porta.example',
    });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([soap.stop(), rest.stop()]);
    await ground.stop();
  }, 60_000);

  const ask = (path: string, call: HttpCall = {}) => http(`${gateway.url}${path}`, { key: KEYS.regione, ...call });
  const askSoap = (path = SULMONA_SOAP, body = ASKED, headers: Record<string, string> = {}) =>
    ask(path, { body: envelope(body), headers: { 'content-type': 'text/xml', soapaction: ACTION, ...headers } });
  const askRest = (path = SULMONA_REST, body: object = ASKED_JSON, headers: Record<string, string> = {}) =>
    ask(path, { body, headers });
  const lastOf = ({ received }: Receiver) => received.at(-1)!;
  const code = (answer: HttpAnswer) => [answer.status, answer.json<{ code: string }>().code];
  const timelineOf = async ({ headers }: HttpAnswer) => {
    const id = headers['x-gateway-id'] as string;
    await statusWhen(gateway.url, id, () => true);
    const told = await http(`${gateway.url}/admin/messages/${id}/timeline`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    return told.json<{
      entries: { event: string; fault?: { code: string }; stations?: { station: string; ms: number }[] }[];
    }>().entries;
  };

  it('1: asks a SOAP provider and gives its answer byte for byte', async () => {
    soap.answerWith(say(200, 'text/xml; charset=utf-8', envelope(ANSWERED)));
    const answer = await askSoap();
    expect([answer.status, answer.text]).toEqual([200, envelope(ANSWERED)]);
    expect(lastOf(soap)).toMatchObject({ method: 'POST', headers: { soapaction: ACTION, 'x-sender': 'r_abruzz' } });
    expect(lastOf(soap).body.toString()).toBe(envelope(ASKED));
    expect(lastOf(soap).headers['x-correlation-id']).toBe(answer.headers['x-correlation-id']);
  });

  it('1: asks a REST provider and gives its answer byte for byte', async () => {
    rest.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON), { etag: '"7"', 'x-internal': 'no' }));
    const answer = await askRest(PRATOLA_REST, JSON.parse(toPratola(JSON.stringify(ASKED_JSON))) as object);
    expect([answer.status, answer.text]).toEqual([200, JSON.stringify(ANSWERED_JSON)]);
    expect([answer.headers['etag'], answer.headers['x-internal']]).toEqual(['"7"', undefined]);
    expect(lastOf(rest)).toMatchObject({ method: 'POST', path: '/in/posizioni/consulta' });
  });

  it('1: refuses an answer that is not what is published, with the place', async () => {
    soap.answerWith(say(200, 'text/xml', envelope(example('rispostaPosizioneTributaria.un-decimale.xml'))));
    const wrong = await askRest();
    expect(code(wrong)).toEqual([502, 'answer-invalid']);
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

  it('1: answers 504 and a SOAP fault at the deadline, with the correlation id; the late answer is written down', async () => {
    const held: (() => void)[] = [];
    soap.answerWith(
      (_, reply) => void held.push(() => reply.writeHead(200, { 'content-type': 'text/xml' }).end(envelope(ANSWERED))),
    );
    const started = performance.now();
    const [late, fault] = await Promise.all([
      askRest(SULMONA_REST, ASKED_JSON, { 'x-correlation-id': 'pratica-1', prefer: 'wait=1' }),
      askSoap(),
    ]);
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS + 1_500);
    expect([late.status, late.headers['x-correlation-id']]).toEqual([504, 'pratica-1']);
    expect(late.json()).toMatchObject({
      code: expect.stringMatching(/query-timeout|receiver-timeout/),
      retryable: true,
    });
    expect([fault.status, fault.text]).toEqual([500, expect.stringMatching(/-timeout/)]);
    expect(fault.headers['x-correlation-id']).toBeDefined();
    for (const answer of held) answer();
    const events = (await timelineOf(late)).map(({ event }) => event);
    expect(events.slice(0, 2)).toEqual(['query.asked', 'query.failed']);
  });

  it('3: converts between a REST consumer and a SOAP provider, both ways', async () => {
    soap.answerWith(say(200, 'text/xml', envelope(ANSWERED)));
    const answer = await askRest();
    expect([answer.status, answer.headers['content-type'], answer.json()]).toEqual([
      200,
      'application/json',
      ANSWERED_JSON,
    ]);
    expect(lastOf(soap).body.toString()).toMatch(/Envelope[^]*Body[^]*<(\w+:)?richiestaPosizioneTributaria/);
    expect(lastOf(soap).headers['soapaction']).toBe(ACTION);
  });

  it('3: converts between a SOAP consumer and a REST provider, both ways', async () => {
    rest.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON)));
    const answer = await askSoap(PRATOLA_SOAP, toPratola(ASKED));
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('text/xml')]);
    expect(answer.text).toMatch(/Envelope[^]*Body[^]*rispostaPosizioneTributaria[^]*380\.00/);
    expect(JSON.parse(lastOf(rest).body.toString())).toEqual(JSON.parse(toPratola(JSON.stringify(ASKED_JSON))));
    const soap12 = await ask(PRATOLA_SOAP, {
      body: envelope(toPratola(ASKED), SOAP12),
      headers: { 'content-type': `application/soap+xml; action=${ACTION}` },
    });
    expect([soap12.status, soap12.text]).toEqual([200, expect.stringContaining(SOAP12)]);
  });

  it('3: a SOAP fault becomes a problem, a problem becomes a SOAP fault', async () => {
    const fault = '<e:Fault><faultcode>e:Client</faultcode><faultstring>Codice fiscale ignoto</faultstring></e:Fault>';
    soap.answerWith(say(500, 'text/xml', envelope(fault)));
    const problem = await askRest();
    expect(code(problem)).toEqual([422, 'receiver-refused']);
    expect(problem.json()).toMatchObject({ detail: expect.stringContaining('Codice fiscale ignoto') });
    expect((await askSoap()).text).toBe(envelope(fault));
    const said = { type: 'about:blank', title: 'Sconosciuto', status: 404, detail: 'Nessuna posizione' };
    rest.answerWith(say(404, 'application/problem+json', JSON.stringify(said)));
    const inSoap = await askSoap(PRATOLA_SOAP, toPratola(ASKED));
    expect([inSoap.status, inSoap.text]).toEqual([500, expect.stringMatching(/receiver-refused[^]*Nessuna posizione/)]);
  });

  it('2: passes paths, query, negotiation and conditions on, and gives status and validators back', async () => {
    rest.answerWith(say(200, 'application/json', '{"nome":"Anna Rossi"}', { etag: '"3"', vary: 'accept' }));
    const read = await ask(`${RESIDENTI}/residenti/RSSMRA%2080%C3%A0`, {
      headers: { accept: 'application/json', 'if-none-match': '"2"', cookie: 'a=b', 'x-motivo': 'anagrafe' },
    });
    expect([read.status, read.text, read.headers['etag'], read.headers['vary']]).toEqual([
      200,
      '{"nome":"Anna Rossi"}',
      '"3"',
      'accept',
    ]);
    const { method, path, headers } = lastOf(rest);
    expect([method, path]).toEqual(['GET', '/in/base/residenti/RSSMRA%2080%C3%A0']);
    expect([headers['if-none-match'], headers['cookie'], headers['x-api-key']]).toEqual(['"2"', undefined, undefined]);
    rest.answerWith((_, reply) => void reply.writeHead(304, { etag: '"3"' }).end());
    expect((await ask(`${RESIDENTI}/residenti/1`, { headers: { 'if-none-match': '"3"' } })).status).toBe(304);
    rest.answerWith(say(206, 'image/png', Buffer.from([1, 2, 3]), { 'content-range': 'bytes 0-2/9' }));
    const part = await ask(`${RESIDENTI}/residenti/1/foto`, { headers: { range: 'bytes=0-2' } });
    expect([part.status, part.headers['content-range'], lastOf(rest).headers['range']]).toEqual([
      206,
      'bytes 0-2/9',
      'bytes=0-2',
    ]);
  });

  it('2: takes every method that is published, and no other', async () => {
    rest.answerWith((_, reply) => void reply.writeHead(204).end());
    const put = await ask(`${RESIDENTI}/residenti/1`, {
      method: 'PUT',
      body: { nome: 'Ugo' },
      headers: { 'if-match': '"3"' },
    });
    expect([put.status, lastOf(rest).method, lastOf(rest).headers['if-match']]).toEqual([204, 'PUT', '"3"']);
    const gone = await ask(`${RESIDENTI}/residenti/1`, { method: 'DELETE' });
    expect([gone.status, lastOf(rest).method]).toEqual([204, 'DELETE']);
    rest.answerWith((_, reply) => void reply.writeHead(200, { 'content-type': 'application/json', 'x-a': 'b' }).end());
    const head = await ask(`${RESIDENTI}/residenti/1`, { method: 'HEAD' });
    expect([head.status, head.text, lastOf(rest).method]).toEqual([200, '', 'HEAD']);
    const post = await ask(`${RESIDENTI}/residenti/1`, { body: { nome: 'Ugo' } });
    expect([...code(post), post.headers['allow']]).toEqual([405, 'method-not-allowed', 'GET, PUT, DELETE']);
  });

  it('2: holds parameters and body against the OpenAPI operation', async () => {
    const before = rest.received.length;
    const wrong = await ask(`${RESIDENTI}/residenti?cognome=R&limite=1000&stato=morto&altro=1`, {
      headers: { 'x-motivo': 'x'.repeat(21) },
    });
    expect(code(wrong)).toEqual([400, 'schema-violation']);
    expect(
      wrong.json<{ errors: { path: string; rule: string }[] }>().errors.map(({ path, rule }) => [path, rule]),
    ).toEqual([
      ['query: altro', 'unexpected-parameter'],
      ['query: cognome', 'minLength'],
      ['query: limite', 'maximum'],
      ['query: stato', 'enum'],
      ['header: X-Motivo', 'maxLength'],
    ]);
    expect(code(await ask(`${RESIDENTI}/residenti`))).toEqual([400, 'schema-violation']);
    expect(code(await ask(`${RESIDENTI}/residenti/1`, { method: 'PUT', body: { nome: 'Ugo', eta: 3 } }))).toEqual([
      400,
      'schema-violation',
    ]);
    expect(code(await ask(`${RESIDENTI}/residenti/1`, { method: 'PUT' }))).toEqual([400, 'schema-violation']);
    expect(rest.received.length).toBe(before);
    rest.answerWith(say(200, 'application/json', '{"items":[]}'));
    expect((await ask(`${RESIDENTI}/residenti?cognome=Rossi&limite=10&stato=attivo&stato=emigrato`)).status).toBe(200);
    expect(lastOf(rest).path).toBe('/in/base/residenti?cognome=Rossi&limite=10&stato=attivo&stato=emigrato');
    rest.answerWith(say(200, 'application/json', '{"items":[{"eta":1}]}'));
    expect(code(await ask(`${RESIDENTI}/residenti?cognome=Rossi`))).toEqual([502, 'answer-invalid']);
    rest.answerWith(say(201, 'application/json', '{"nome":"A"}'));
    expect(code(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'answer-invalid']);
  });

  it.each([
    '/%2e%2e/secret',
    '/api/test/%2e%2e/%2e%2e/secret',
    '/residenti/%252e%252e',
    '/residenti;x=1',
    '/residenti/1%2ffoto',
    '/residenti/..%5csecret',
  ])('2: %s slips past nothing', async (path) => {
    const before = rest.received.length;
    const { hostname, port } = new URL(gateway.url);
    // A client that normalises nothing.
    const { Client } = await import('undici');
    const client = new Client(`http://${hostname}:${port}`);
    const answer = await client.request({
      method: 'GET',
      path: RESIDENTI + path,
      headers: { 'x-api-key': KEYS.regione },
    });
    await answer.body.dump();
    await client.close();
    expect([answer.statusCode, rest.received.length]).toEqual([404, before]);
  });

  it('2: an agreement for one operation opens no other', async () => {
    rest.answerWith(say(200, 'application/json', '{"nome":"A"}'));
    expect((await ask(`${RESIDENTI}/residenti/1`, { key: KEYS.raiano })).status).toBe(200);
    expect(code(await ask(`${RESIDENTI}/residenti?cognome=Rossi`, { key: KEYS.raiano }))).toEqual([
      403,
      'not-authorised',
    ]);
    expect(code(await ask(`${RESIDENTI}/residenti/1`, { key: KEYS.raiano, method: 'DELETE' }))).toEqual([
      403,
      'not-authorised',
    ]);
  });

  it('1: tells what a provider does wrong, and gives nothing of it away', async () => {
    rest.answerWith(say(502, 'text/html', '<html>nginx 10.0.0.7</html>'));
    const html = await ask(`${RESIDENTI}/residenti/1`);
    expect(code(html)).toEqual([502, 'receiver-error']);
    expect(html.text).not.toContain('10.0.0.7');
    rest.answerWith(say(200, 'text/html', '<html>login</html>'));
    const page = await ask(`${RESIDENTI}/residenti/1`);
    expect(code(page)).toEqual([502, 'answer-invalid']);
    expect(page.json()).toMatchObject({ place: 'Content-Type', expected: 'application/json' });
    rest.answerWith((_, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"nome":');
      setImmediate(() => reply.destroy());
    });
    expect(code(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'receiver-error']);
    rest.answerWith(say(200, 'application/json', Buffer.from([0x1f, 0x8b, 8]), { 'content-encoding': 'gzip' }));
    const coded = await ask(`${RESIDENTI}/residenti/1`);
    expect([...code(coded), coded.json()['place']]).toEqual([502, 'answer-invalid', 'Content-Encoding']);
    rest.answerWith(say(404, 'application/json', '{"motivo":"emigrato"}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({ status: 404, text: '{"motivo":"emigrato"}' });
    rest.answerWith(say(500, 'application/json', '{}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({ status: 500, text: '{}' });
    rest.answerWith(say(200, 'application/problem+json', '{"status":200}'));
    expect(code(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'answer-invalid']);
    rest.answerWith(say(404, 'application/problem+json', '{"title":"Assente","status":404}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({
      status: 404,
      text: '{"title":"Assente","status":404}',
    });
  });

  it('6: refuses at once what is over the bound of the provider, and asks others meanwhile', async () => {
    const held: ServerResponse[] = [];
    const isBusy = new Promise<void>((resolve) =>
      rest.answerWith((_, reply) => void (held.push(reply) === 2 && resolve())),
    );
    soap.answerWith(say(200, 'text/xml', envelope(ANSWERED)));
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
    rest.answerWith(say(200, 'application/json', '{"nome":"A"}'));
    const [asked, answered] = await timelineOf(await ask(`${RESIDENTI}/residenti/1`));
    expect([asked?.event, answered?.event]).toEqual(['query.asked', 'query.answered']);
    const stations = answered?.stations?.map(({ station }) => station) ?? [];
    expect(stations).toEqual(
      expect.arrayContaining(['decode', 'resolve', 'authorise', 'validate', 'wait', 'wait: called', 'answer']),
    );
  });

  it('6: a consumer that hangs up ends its question', async () => {
    rest.answerWith(() => undefined);
    const gone = new AbortController();
    const newest = async () => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const listed = await http(`${gateway.url}/admin/messages?operation=leggiResidente&limit=1`, { headers });
      return listed.json<{ items: { id: string }[] }>().items[0]?.id as string;
    };
    const before = await newest();
    const asking = ask(`${RESIDENTI}/residenti/77`, { signal: gone.signal }).catch(() => 'gone');
    await rest.next(({ path }) => path.endsWith('/77'));
    gone.abort();
    expect(await asking).toBe('gone');
    let id = before;
    while (id === before) id = await newest();
    await statusWhen(gateway.url, id, ({ fault }) => fault?.code === 'consumer-gone');
  });
});
