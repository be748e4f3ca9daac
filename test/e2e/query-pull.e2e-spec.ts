import { Client } from 'undici';
import { http, type HttpAnswer, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, codeOf, eventsOf, queryStage } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, standard, type Ground } from '../support/shapes.js';
import {
  ANSWERED,
  ANSWERED_JSON,
  ASKED_JSON,
  askedJsonOf,
  askedOf,
  envelope,
  SOAP_HEADERS,
} from '../support/tax-query.js';
import { until } from '../support/until.js';

const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti';
const TIMEOUT_MS = 2_000;
const SETTINGS = { soap: null, rest: null, timeoutMs: TIMEOUT_MS, answers: { concurrency: 2, waiting: 2 } };
const PUBLIC_URL = 'https://porta.example';
const ANNA = { nome: 'Anna' };

/** What a provider does that fetches its questions from a node. */
const puller = (stage: { readonly gateway: RunningGateway }, key: string) => ({
  /** A question, or null after `wait` seconds. */
  pull: async (wait = 20) => {
    const told = await http(`${stage.gateway.url}/questions?wait=${wait}`, { key });
    expect([200, 204]).toContain(told.status);
    return told.status === 200 ? told : null;
  },
  answer: (id: string, body: HttpCall['body'], headers: Record<string, string> = {}) =>
    http(`${stage.gateway.url}/questions/${id}/answer`, {
      key,
      headers,
      method: 'POST',
      ...(body !== undefined && { body }),
    }),
});
const idOf = (question: HttpAnswer | null) => question?.headers['x-question-id'] as string;
async function startNode(ground: Ground): Promise<RunningGateway> {
  const directory = await writeQueryRegistry(SETTINGS);
  return startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, PUBLIC_URL });
}

describe.each(SHAPES)('1: questions that are fetched, %s', (_name, lay) => {
  const stage = queryStage(lay, () => writeQueryRegistry(SETTINGS), { PUBLIC_URL });
  const ask = asker(stage);
  const pratola = puller(stage, KEYS.pratola);
  const sulmona = puller(stage, KEYS.sulmona);

  it('1: refuses at once while nobody has come to fetch', async () => {
    const started = performance.now();
    const refused = await ask(`${RESIDENTE}/1`);
    expect(codeOf(refused)).toEqual([503, 'receiver-overloaded']);
    expect(refused.json()).toMatchObject({ detail: expect.stringMatching(/pratola\.\w+ .*nobody fetches them/) });
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS / 2);
  });

  it('1: waits up to the deadline for who was here a moment ago, and refuses at once what is over the bound', async () => {
    expect(await pratola.pull(0)).toBeNull();
    const took: number[] = [];
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const answer = await ask(`${RESIDENTE}/1`);
        if (answer.status === 503) took.push(performance.now() - started);
        return answer;
      }),
    );
    const codes = answers.map((answer) => answer.json<{ code: string }>().code);
    expect(codes.filter((each) => each === 'receiver-overloaded').length).toBeGreaterThanOrEqual(6);
    expect(codes.filter((each) => each === 'query-timeout').length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...took)).toBeLessThan(TIMEOUT_MS / 2);
    expect(await pratola.pull(0)).toBeNull();
  });

  it('1: hands a REST question to a REST provider with all that was asked, and gives its answer back', async () => {
    const waiting = pratola.pull();
    const asked = ask(`${RESIDENTE}/RSSMRA%2080%C3%A0`, {
      method: 'PUT',
      body: ANNA,
      headers: { 'if-match': '"3"', 'x-correlation-id': 'pratica-1', cookie: 'a=b' },
    });
    const question = await waiting;
    expect(question).toMatchObject({
      text: JSON.stringify(ANNA),
      headers: {
        'content-type': expect.stringContaining('application/json'),
        'x-method': 'PUT',
        'x-path': '/residenti/RSSMRA%2080%C3%A0',
        'x-service': 'Residenti',
        'x-version': '1',
        'x-operation': 'scriviResidente',
        'x-sender': 'r_abruzz',
        'x-correlation-id': 'pratica-1',
        'x-header-if-match': '"3"',
        'cache-control': 'no-store',
      },
    });
    expect(Date.parse(question!.headers['x-deadline'] as string) - Date.now()).toBeLessThanOrEqual(TIMEOUT_MS);
    expect(question!.headers).not.toHaveProperty('x-header-cookie');
    const said = await pratola.answer(idOf(question), undefined, { 'x-status': '204', 'x-header-etag': '"4"' });
    expect(said.status).toBe(204);
    const answer = await asked;
    expect([answer.status, answer.headers['etag'], answer.headers['x-gateway-id']]).toEqual([
      204,
      '"4"',
      idOf(question),
    ]);
    expect(await eventsOf(stage.gateway, idOf(question))).toEqual(['query.asked', 'query.answered']);
    // Its 204 may have been lost: the repeated answer is taken like the first.
    expect((await pratola.answer(idOf(question), ANNA)).status).toBe(204);
  });

  it('1: hands a query to the path and its parameters, and holds the answer against the interface', async () => {
    const one = ask(`${RESIDENTE}?cognome=Rossi&limite=10`);
    const read = await pratola.pull();
    expect([read!.headers['x-method'], read!.headers['x-path'], read!.text]).toEqual([
      'GET',
      '/residenti?cognome=Rossi&limite=10',
      '',
    ]);
    await pratola.answer(idOf(read), { items: [{ eta: 1 }] });
    expect(codeOf(await one)).toEqual([502, 'answer-invalid']);
    const failing = ask(`${RESIDENTE}/1`);
    const problem = '{"title":"Assente","status":404}';
    const failed = { 'x-status': '404', 'content-type': 'application/problem+json' };
    await pratola.answer(idOf(await pratola.pull()), problem, failed);
    expect(await failing).toMatchObject({ status: 404, text: problem });
    const moved = ask(`${RESIDENTE}/1`);
    await pratola.answer(idOf(await pratola.pull()), ANNA, { 'x-header-location': '/residenti/2' });
    expect((await moved).headers['location']).toBe(`${PUBLIC_URL}${RESIDENTE}/2`);
  });

  it('1: converts between a SOAP consumer and a REST provider, and a REST consumer and a SOAP provider', async () => {
    const asked = ask('/soap/c_h007/v1/PosizioneTributaria', {
      body: envelope(askedOf('c_h007')),
      headers: SOAP_HEADERS,
    });
    const asRest = await pratola.pull();
    expect([asRest!.headers['x-path'], asRest!.json()]).toEqual(['/posizioni/consulta', askedJsonOf('c_h007')]);
    await pratola.answer(idOf(asRest), ANSWERED_JSON);
    expect(await asked).toMatchObject({ status: 200, text: expect.stringMatching(/Envelope[^]*380\.00/) });

    expect(await sulmona.pull(0)).toBeNull();
    const inJson = ask('/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta', { body: ASKED_JSON });
    const asSoap = await sulmona.pull();
    expect(asSoap).toMatchObject({
      headers: { soapaction: SOAP_HEADERS.soapaction, 'x-method': 'POST', 'x-path': '' },
      text: expect.stringMatching(/Envelope[^]*richiestaPosizioneTributaria/),
    });
    await sulmona.answer(idOf(asSoap), envelope(ANSWERED), { 'content-type': 'text/xml' });
    expect((await inJson).json()).toEqual(ANSWERED_JSON);
  });

  it('1: a late answer is refused, and written down once', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const question = await pratola.pull();
    expect(codeOf(await asked)).toEqual([504, 'query-timeout']);
    expect(codeOf(await pratola.answer(idOf(question), ANNA))).toEqual([410, 'question-expired']);
    expect(codeOf(await pratola.answer(idOf(question), ANNA))).toEqual([410, 'question-expired']);
    const events = () => eventsOf(stage.gateway, idOf(question));
    await until(async () => (await events()).includes('query.late'));
    expect(await events()).toEqual(['query.asked', 'query.failed', 'query.late']);
  });

  it('1: another system sees nothing of a question and cannot answer it', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const other = sulmona.pull(1);
    const question = await pratola.pull();
    expect(await other).toBeNull();
    expect(codeOf(await sulmona.answer(idOf(question), { nome: 'Falsa' }))).toEqual([404, 'question-unknown']);
    expect(codeOf(await http(`${stage.gateway.url}/questions`, { key: KEYS.raiano }))).toEqual([
      404,
      'question-unknown',
    ]);
    expect(codeOf(await http(`${stage.gateway.url}/questions`, {}))).toEqual([401, 'credentials-missing']);
    expect((await pratola.answer(idOf(question), ANNA)).status).toBe(204);
    expect((await asked).json()).toEqual(ANNA);
  });

  it('1: two pullers share the work, each question to one of them', async () => {
    const waiting = [pratola.pull(), pratola.pull()];
    const asked = ['1', '2'].map((id) => ask(`${RESIDENTE}/${id}`));
    const questions = await Promise.all(waiting);
    expect(questions.map((question) => question!.headers['x-path']).sort()).toEqual(['/residenti/1', '/residenti/2']);
    expect(await pratola.pull(0)).toBeNull();
    for (const question of questions)
      await pratola.answer(idOf(question), { nome: question!.headers['x-path']!.slice(-1) });
    expect((await Promise.all(asked)).map((answer) => answer.json())).toEqual([{ nome: '1' }, { nome: '2' }]);
  });

  it('1: a puller that dies with a question lets it time out; nobody else gets it', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const client = new Client(stage.gateway.url);
    const headers = { 'x-api-key': KEYS.pratola };
    const told = await client.request({ method: 'GET', path: '/questions?wait=5', headers });
    expect(told.statusCode).toBe(200);
    await client.destroy();
    expect(await pratola.pull(1)).toBeNull();
    expect(codeOf(await asked)).toEqual([504, 'query-timeout']);
    expect(await pratola.pull(0)).toBeNull();
  });

  it('1: a poll that was given up takes no question, and a HEAD none either', async () => {
    const gone = new AbortController();
    const given = http(`${stage.gateway.url}/questions?wait=20`, { key: KEYS.pratola, signal: gone.signal }).catch(
      () => 'gone',
    );
    // A second poll that ends tells that the first one has reached the gateway.
    await pratola.pull(1);
    gone.abort();
    expect(await given).toBe('gone');
    expect(await pratola.pull(0)).toBeNull();
    const asked = ask(`${RESIDENTE}/1`);
    expect((await http(`${stage.gateway.url}/questions?wait=1`, { key: KEYS.pratola, method: 'HEAD' })).status).toBe(
      404,
    );
    expect((await pratola.answer(idOf(await pratola.pull()), ANNA)).status).toBe(204);
    expect((await asked).json()).toEqual(ANNA);
  });
});

describe('1: questions that are fetched from one of two nodes', () => {
  let ground: Ground;
  let one: RunningGateway;
  let other: RunningGateway;

  beforeAll(async () => {
    ground = await standard();
    one = await startNode(ground);
    other = await startNode(ground);
  }, 120_000);

  afterAll(async () => {
    expect(await one.stop()).toBe(0);
    await ground.stop();
  }, 60_000);

  const ask = (path: string) => asker({ gateway: one })(path);

  it('1: a question asked at one node is answered by a puller at the other, and there alone', async () => {
    const pratola = puller({ gateway: other }, KEYS.pratola);
    expect(await pratola.pull(0)).toBeNull();
    for (const id of ['1', '2', '3', '4']) {
      const asked = ask(`${RESIDENTE}/${id}`);
      const question = await pratola.pull();
      expect(question!.headers['x-path']).toBe(`/residenti/${id}`);
      const elsewhere = await puller({ gateway: one }, KEYS.pratola).answer(idOf(question), ANNA);
      expect(elsewhere.json()).toMatchObject({ code: 'question-unknown', expected: 'the node that handed it out' });
      expect((await pratola.answer(idOf(question), ANNA)).status).toBe(204);
      expect((await asked).json()).toEqual(ANNA);
    }
  });

  it('1: a node that stops refuses what it still holds, and ends its polls', async () => {
    const pratola = puller({ gateway: other }, KEYS.pratola);
    const asked = ask(`${RESIDENTE}/1`);
    expect(await pratola.pull()).not.toBeNull();
    const waiting = pratola.pull();
    // A later poll that ends tells that the one before has reached the gateway.
    expect(await pratola.pull(0)).toBeNull();
    const [stopped, answer, poll] = await Promise.all([other.stop(), asked, waiting]);
    expect([stopped, codeOf(answer), poll]).toEqual([0, [503, 'stopping'], null]);
  });
});
