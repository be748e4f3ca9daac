import { fanOutStage, few, lineOf, ONE, providerOf, providersIn } from '../support/fan-out-stage.js';
import type { Line } from '../support/ndjson.js';
import { asker, codeOf, say } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';
import { ANSWERED, ANSWERED_JSON, ASKED_JSON, askedOf, envelope, example } from '../support/tax-query.js';
import { until } from '../support/until.js';

const TAXES = '/fanout/r_abruzz/v1/PosizioneTributaria/posizioni/consulta';
const ASKED_OF_REGION = example('richiestaPosizioneTributaria.json').replaceAll('c_i804', 'r_abruzz');

describe.each(SHAPES)('7: fan-out, %s', (_name, lay) => {
  const { stage, open, all, received, asked, hold, traced } = fanOutStage(lay);
  const ask = asker(stage);

  it('7: gives each answer as it comes, and the totals last', async () => {
    const held = hold((provider) => provider === 'c_f1');
    const stream = await open(few(), { headers: { accept: 'application/x-ndjson' } });
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const first = await stream.next();
    expect(first).toMatchObject({ outcome: 'asking', providers: 4, deadline: expect.any(String) });
    const early = [await stream.next(), await stream.next(), await stream.next()] as Line[];
    expect(providersIn(early)).toEqual(['c_f2', 'c_f3', 'cst_few']);
    await until(() => held.size === 1);
    held.get('c_f1')!();
    const late = await stream.rest();
    expect(late).toEqual([
      {
        provider: 'c_f1',
        outcome: 'answered',
        status: 200,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ms: expect.any(Number),
        contentType: 'application/json',
        body: { nome: 'Anna\nRossi', figli: 2 },
      },
      { outcome: 'complete', asked: 4, answered: 3, failed: 1, ms: expect.any(Number) },
    ]);
    expect(stage.pratola.received.at(-1)!.headers).not.toHaveProperty('accept');
  });

  it('7: asks who is below, and itself, with whom an agreement covers the operation, and names nobody else', async () => {
    const one = await all(few());
    expect(providersIn(one)).toEqual(['c_f1', 'c_f2', 'c_f3', 'cst_few']);
    expect(asked().sort()).toEqual(['c_f1', 'c_f2', 'cst_few']);
    stage.pratola.answerWith(say(200, 'application/json', '{"items":[]}'));
    const search = await all(few('/residenti?cognome=Rossi'));
    expect(providersIn(search)).toEqual(['c_f1', 'c_f2', 'c_f3', 'c_part', 'cst_few']);
    expect(lineOf(search, 'c_part')).toMatchObject({ outcome: 'answered', body: { items: [] } });
    const alone = await all(`/fanout/c_f1/v1/Residenti${ONE}`);
    expect(providersIn(alone)).toEqual(['c_f1']);
  });

  it('7: what fails with one is its line, and the others are answered', async () => {
    const answers: Record<string, readonly [number, string, string | Buffer]> = {
      c_f1: [500, 'text/html', '<h1>Errore</h1>'],
      c_f2: [200, 'application/json', '{"nome":7}'],
      cst_few: [404, 'application/problem+json', '{"title":"Assente"}'],
    };
    stage.pratola.answerWith((received, reply) => {
      const [status, type, body] = answers[providerOf(received)]!;
      reply.writeHead(status, { 'content-type': type }).end(body);
    });
    const lines = await all(few(), { headers: { 'accept-language': 'en' } });
    expect(lineOf(lines, 'c_f1')).toMatchObject({ outcome: 'failed', status: 502, fault: { code: 'receiver-error' } });
    const invalid = lineOf(lines, 'c_f2')!;
    expect(invalid).toMatchObject({
      outcome: 'failed',
      fault: { code: 'answer-invalid', blame: 'receiver', retryable: false, place: '/nome', id: invalid['id'] },
    });
    expect(invalid).toMatchObject({ fault: { errors: [{ path: '/nome', line: 1 }], expected: expect.any(String) } });
    expect(lineOf(lines, 'cst_few')).toMatchObject({ outcome: 'answered', status: 404, body: { title: 'Assente' } });
    expect(lineOf(lines, 'c_f3')).toMatchObject({ outcome: 'failed', fault: { code: 'destination-missing' } });
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: 4, answered: 1, failed: 3 });
  });

  it('7: writes each provider’s own code where the payload names the centre, for SOAP and REST', async () => {
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(ANSWERED)));
    stage.pratola.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON)));
    const lines = await all(TAXES, { body: ASKED_OF_REGION });
    expect(providersIn(lines)).toEqual(['c_h007', 'c_i804']);
    for (const provider of ['c_h007', 'c_i804'])
      expect(lineOf(lines, provider)).toMatchObject({ outcome: 'answered', body: ANSWERED_JSON });
    expect(stage.pratola.received.at(-1)!.body.toString()).toBe(
      ASKED_OF_REGION.replaceAll(/("codiceIpaDestinatario": *)"r_abruzz"/g, '$1"c_h007"'),
    );
    expect(stage.sulmona.received.at(-1)!.body.toString()).toMatch(/codiceIpaDestinatario>c_i804</);
  });

  it('7: every question has the correlation id, with the provider and in the trace', async () => {
    const stream = await open(few(), { headers: { 'x-correlation-id': 'pratica-7' } });
    expect(stream.headers['x-correlation-id']).toBe('pratica-7');
    const lines = await stream.rest();
    expect(lines[0]).toMatchObject({ correlationId: 'pratica-7' });
    expect(new Set(received().map(({ headers }) => headers['x-correlation-id']))).toEqual(new Set(['pratica-7']));
    const ids = lines.slice(1, -1).map(({ id }) => id);
    await until(async () => (await traced('pratica-7')).length === ids.length);
    expect((await traced('pratica-7')).map(({ id }) => id).sort()).toEqual(ids.sort());
    const [own, other] = await Promise.all([open(few()), open(few())]);
    expect(own.headers['x-correlation-id']).not.toBe(other.headers['x-correlation-id']);
    await Promise.all([own.rest(), other.rest()]);
  });

  it('7: refuses a request that is wrong itself before the stream', async () => {
    expect(codeOf(await ask(few(), { key: 'regione.wrong' }))).toEqual([401, 'credentials-wrong']);
    expect(codeOf(await ask('/fanout/cst_ghost/v1/Residenti/residenti/1'))).toEqual([404, 'participant-unknown']);
    expect(codeOf(await ask('/fanout/cst_few/v1/Nulla/residenti/1'))).toEqual([404, 'service-unknown']);
    expect(codeOf(await ask('/fanout/c_i804/v1/Residenti/residenti/1'))).toEqual([404, 'service-unknown']);
    expect(codeOf(await ask('/fanout/cst_few/v1/Residenti/altro'))).toEqual([404, 'route-unknown']);
    expect(codeOf(await ask('/fanout/cst_few/residenti'))).toEqual([404, 'route-unknown']);
    expect(codeOf(await ask(few(), { key: KEYS.raiano }))).toEqual([403, 'not-authorised']);
    expect(codeOf(await ask('/fanout/c_none/v1/Residenti/residenti/1'))).toEqual([403, 'not-authorised']);
    expect(codeOf(await ask(few('/residenti?cognome=R')))).toEqual([400, 'schema-violation']);
    expect(codeOf(await ask(few(), { method: 'DELETE' }))).toEqual([422, 'fan-out-unsupported']);
    expect(codeOf(await ask(few(), { body: {} }))).toEqual([405, 'method-not-allowed']);
    expect(codeOf(await ask(TAXES, { body: '{', headers: { 'content-type': 'application/json' } }))).toEqual([
      400,
      'not-well-formed',
    ]);
    expect(codeOf(await ask(TAXES, { body: {} }))).toEqual([400, 'schema-violation']);
    expect(codeOf(await ask(TAXES, { body: ASKED_JSON }))).toEqual([400, 'receiver-mismatch']);
    const inXml = { body: askedOf('r_abruzz'), headers: { 'content-type': 'application/xml' } };
    expect(codeOf(await ask(TAXES, inXml))).toEqual([422, 'fan-out-unsupported']);
    expect(asked()).toEqual([]);
  });
});
