import { Client } from 'undici';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, codeOf, lastOf, queryStage, say } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';

const RESIDENTI = '/rest/c_h007/v1/Residenti';
const TIMEOUT_MS = 2_000;

describe.each(SHAPES)('queries of any REST interface, %s', (_name, lay) => {
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

  it('2: passes paths, query, negotiation and conditions on, and gives status and validators back', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"nome":"Anna Rossi"}', { etag: '"3"', vary: 'accept' }));
    const read = await ask(`${RESIDENTI}/residenti/RSSMRA%2080%C3%A0`, {
      headers: { accept: 'application/json', 'if-none-match': '"2"', cookie: 'a=b', 'x-motivo': 'anagrafe' },
    });
    expect([read.status, read.text, read.headers['etag'], read.headers['vary']]).toEqual([
      200,
      '{"nome":"Anna Rossi"}',
      '"3"',
      'accept',
    ]);
    const { method, path, headers } = lastOf(stage.pratola);
    expect([method, path]).toEqual(['GET', '/in/base/residenti/RSSMRA%2080%C3%A0']);
    expect([headers['if-none-match'], headers['cookie'], headers['x-api-key']]).toEqual(['"2"', undefined, undefined]);
    stage.pratola.answerWith((_, reply) => void reply.writeHead(304, { etag: '"3"' }).end());
    const unmodified = await ask(`${RESIDENTI}/residenti/1`, { headers: { 'if-none-match': '"3"' } });
    expect([unmodified.status, unmodified.headers['etag']]).toEqual([304, '"3"']);
    expect(unmodified.headers).not.toHaveProperty('content-length');
    expect(unmodified.headers).not.toHaveProperty('content-type');
    stage.pratola.answerWith(say(206, 'image/png', Buffer.from([1, 2, 3]), { 'content-range': 'bytes 0-2/9' }));
    const part = await ask(`${RESIDENTI}/residenti/1/foto`, { headers: { range: 'bytes=0-2' } });
    expect([part.status, part.headers['content-range'], lastOf(stage.pratola).headers['range']]).toEqual([
      206,
      'bytes 0-2/9',
      'bytes=0-2',
    ]);
  });

  it('2: takes every method that is published, and no other', async () => {
    stage.pratola.answerWith((_, reply) => void reply.writeHead(204).end());
    const put = await ask(`${RESIDENTI}/residenti/1`, {
      method: 'PUT',
      body: { nome: 'Ugo' },
      headers: { 'if-match': '"3"' },
    });
    expect([put.status, lastOf(stage.pratola).method, lastOf(stage.pratola).headers['if-match']]).toEqual([
      204,
      'PUT',
      '"3"',
    ]);
    // Many clients name a type with whatever they ask.
    const headers = { 'content-type': 'application/json' };
    const gone = await ask(`${RESIDENTI}/residenti/1`, { method: 'DELETE', headers });
    expect([gone.status, lastOf(stage.pratola).method]).toEqual([204, 'DELETE']);
    stage.pratola.answerWith(
      (_, reply) => void reply.writeHead(200, { 'content-type': 'application/json', 'x-a': 'b' }).end(),
    );
    const head = await ask(`${RESIDENTI}/residenti/1`, { method: 'HEAD' });
    expect([head.status, head.text, lastOf(stage.pratola).method]).toEqual([200, '', 'HEAD']);
    expect(head.headers).not.toHaveProperty('content-length');
    const post = await ask(`${RESIDENTI}/residenti/1`, { body: { nome: 'Ugo' } });
    expect([...codeOf(post), post.headers['allow']]).toEqual([405, 'method-not-allowed', 'GET, PUT, DELETE']);
  });

  it('7: a question that is only tried names the endpoint, and its path where nothing says it', async () => {
    const tried = (query: string, body = '{"nome":"Ugo"}') =>
      ask(`/admin/services/Residenti/versions/1/validate?provider=c_h007&consumer=r_abruzz${query}`, {
        method: 'POST',
        headers: { ...asOperator.headers, 'content-type': 'application/json' },
        body,
      });
    expect((await tried('&path=/residenti/1&method=PUT')).json()).toMatchObject({
      wouldBe: 'accepted',
      operation: 'scriviResidente',
      route: [{ participant: 'c_h007', channel: 'endpoint (rest)' }],
    });
    const unnamed = await tried('');
    expect(codeOf(unnamed)).toEqual([400, 'parameter-wrong']);
    expect(unnamed.json()).toMatchObject({ place: 'path', expected: 'path=/residenti/{id} with its values' });
  });

  it('2: holds parameters and body against the OpenAPI operation', async () => {
    const before = stage.pratola.received.length;
    const wrong = await ask(`${RESIDENTI}/residenti?cognome=R&limite=1000&stato=morto&altro=1`, {
      headers: { 'x-motivo': 'x'.repeat(21) },
    });
    expect(codeOf(wrong)).toEqual([400, 'schema-violation']);
    expect(
      wrong.json<{ errors: { path: string; rule: string }[] }>().errors.map(({ path, rule }) => [path, rule]),
    ).toEqual([
      ['query: altro', 'unexpected-parameter'],
      ['query: cognome', 'minLength'],
      ['query: limite', 'maximum'],
      ['query: stato', 'enum'],
      ['header: X-Motivo', 'maxLength'],
    ]);
    expect(codeOf(await ask(`${RESIDENTI}/residenti`))).toEqual([400, 'schema-violation']);
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`, { method: 'PUT', body: { nome: 'Ugo', eta: 3 } }))).toEqual([
      400,
      'schema-violation',
    ]);
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`, { method: 'PUT' }))).toEqual([400, 'schema-violation']);
    expect(stage.pratola.received.length).toBe(before);
    stage.pratola.answerWith(say(200, 'application/json', '{"items":[]}'));
    expect((await ask(`${RESIDENTI}/residenti?cognome=Rossi&limite=10&stato=attivo&stato=emigrato`)).status).toBe(200);
    expect(lastOf(stage.pratola).path).toBe('/in/base/residenti?cognome=Rossi&limite=10&stato=attivo&stato=emigrato');
    stage.pratola.answerWith(say(200, 'application/json', '{"items":[{}]}'));
    const invalid = await ask(`${RESIDENTI}/residenti?cognome=Rossi`);
    expect(codeOf(invalid)).toEqual([502, 'answer-invalid']);
    expect(invalid.json<{ detail: string }>().detail).toMatch(/^The answer has 1 error; the first: /);
    stage.pratola.answerWith(say(201, 'application/json', '{"nome":"A"}'));
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'answer-invalid']);
  });

  it.each([
    '/%2e%2e/secret',
    '/api/test/%2e%2e/%2e%2e/secret',
    '/residenti/%252e%252e',
    '/residenti;x=1',
    '/residenti/1%2ffoto',
    '/residenti/..%5csecret',
  ])('2: %s slips past nothing', async (path) => {
    const before = stage.pratola.received.length;
    const { hostname, port } = new URL(stage.gateway.url);
    // A client that normalises nothing.
    const client = new Client(`http://${hostname}:${port}`);
    const answer = await client.request({
      method: 'GET',
      path: RESIDENTI + path,
      headers: { 'x-api-key': KEYS.regione },
    });
    await answer.body.dump();
    await client.close();
    expect([answer.statusCode, stage.pratola.received.length]).toEqual([404, before]);
  });

  it('2: an agreement for one operation opens no other', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"nome":"A"}'));
    expect((await ask(`${RESIDENTI}/residenti/1`, { key: KEYS.raiano })).status).toBe(200);
    expect(codeOf(await ask(`${RESIDENTI}/residenti?cognome=Rossi`, { key: KEYS.raiano }))).toEqual([
      403,
      'not-authorised',
    ]);
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`, { key: KEYS.raiano, method: 'DELETE' }))).toEqual([
      403,
      'not-authorised',
    ]);
  });

  it('2: a provider reads the query that was authorised, whatever it takes for a separator', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"items":[]}'));
    const client = new Client(stage.gateway.url);
    const asked = async (query: string) => {
      const headers = { 'x-api-key': KEYS.regione };
      const answer = await client.request({ method: 'GET', path: `${RESIDENTI}/residenti?${query}`, headers });
      await answer.body.dump();
      return [answer.statusCode, lastOf(stage.pratola).path.replace(/^[^?]*\?/, '')];
    };
    expect(await asked('cognome=Rossi;limite=1000')).toEqual([200, 'cognome=Rossi%3Blimite=1000']);
    expect(await asked('cognome=Rossi#x')).toEqual([200, 'cognome=Rossi%23x']);
    expect(await asked('cognome=Ro%2Fssi&stato=attivo,emigrato')).toEqual([
      200,
      'cognome=Ro%2Fssi&stato=attivo,emigrato',
    ]);
    await client.close();
  });

  it('1: an answer with a status that HTTP does not know is invalid', async () => {
    for (const status of [600, 999]) {
      stage.pratola.answerWith(say(status, 'application/problem+json', '{"title":"x"}'));
      expect(codeOf(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'answer-invalid']);
    }
  });

  it('1: tells what a provider does wrong, and gives nothing of it away', async () => {
    stage.pratola.answerWith(say(502, 'text/html', '<html>nginx 10.0.0.7</html>'));
    const html = await ask(`${RESIDENTI}/residenti/1`);
    expect(codeOf(html)).toEqual([502, 'receiver-error']);
    expect(html.text).not.toContain('10.0.0.7');
    stage.pratola.answerWith(say(200, 'text/html', '<html>login</html>'));
    const page = await ask(`${RESIDENTI}/residenti/1`);
    expect(codeOf(page)).toEqual([502, 'answer-invalid']);
    expect(page.json()).toMatchObject({ place: 'Content-Type', expected: 'application/json' });
    stage.pratola.answerWith((_, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"nome":');
      setImmediate(() => reply.destroy());
    });
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'receiver-error']);
    stage.pratola.answerWith(
      say(200, 'application/json', Buffer.from([0x1f, 0x8b, 8]), { 'content-encoding': 'gzip' }),
    );
    const coded = await ask(`${RESIDENTI}/residenti/1`);
    expect([...codeOf(coded), coded.json()['place']]).toEqual([502, 'answer-invalid', 'Content-Encoding']);
    stage.pratola.answerWith(say(404, 'application/json', '{"motivo":"emigrato"}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({ status: 404, text: '{"motivo":"emigrato"}' });
    stage.pratola.answerWith(say(500, 'application/json', '{}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({ status: 500, text: '{}' });
    stage.pratola.answerWith(say(200, 'application/problem+json', '{"status":200}'));
    expect(codeOf(await ask(`${RESIDENTI}/residenti/1`))).toEqual([502, 'answer-invalid']);
    stage.pratola.answerWith(say(404, 'application/problem+json', '{"title":"Assente","status":404}'));
    expect(await ask(`${RESIDENTI}/residenti/1`)).toMatchObject({
      status: 404,
      text: '{"title":"Assente","status":404}',
    });
  });
});
