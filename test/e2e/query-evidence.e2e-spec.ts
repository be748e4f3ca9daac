import { createHash } from 'node:crypto';
import { http, statusWhen, type HttpAnswer } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { startLine, type Line } from '../support/proxy.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, codeOf, eventsOf, lastOf, queryStage, say, timelineOf } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';
import { envelope } from '../support/tax-query.js';
import { until } from '../support/until.js';

const RESIDENT = '/rest/c_h007/v1/Residenti/residenti';
const FULL = 'r_abruzz-c_h007-Residenti';
const NAME = '{"nome":"Anna"}';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const gatewayId = ({ headers }: HttpAnswer) => headers['x-gateway-id']!;

interface Listed {
  readonly id: string;
  readonly relatesTo: string | null;
  readonly state: string;
  readonly fault: { readonly code: string } | null;
}

/** The kept answer to a question, once it is written. */
async function answerOf({ url }: RunningGateway, question: string): Promise<Listed | undefined> {
  await statusWhen(url, question, () => true);
  const status = await http(`${url}/admin/messages/${question}`, asOperator);
  const { correlationId } = status.json<{ correlationId: string }>();
  const list = await http(`${url}/admin/messages?text=${encodeURIComponent(correlationId)}`, asOperator);
  return list.json<{ items: readonly Listed[] }>().items.find(({ relatesTo }) => relatesTo === question);
}

const contentOf = ({ url }: RunningGateway, id: string) => http(`${url}/admin/messages/${id}/content`, asOperator);

describe.each(SHAPES)('evidence of queries, %s', (_name, lay) => {
  const stage = queryStage(lay, ({ sulmona, pratola }) =>
    writeQueryRegistry({
      soap: sulmona.url,
      rest: pratola.url,
      agreements: {
        [FULL]: { evidence: 'full' },
        'r_abruzz-c_h007-Residenza': { evidence: 'full', strictEvidence: true },
        'c_h166-c_h007-Residenti': { evidence: 'none' },
      },
    }),
  );
  const ask = asker(stage);

  it('8: full keeps the bytes of the answer and what was asked, and says who looked', async () => {
    stage.pratola.answerWith(say(200, 'application/json', NAME));
    const answer = await ask(`${RESIDENT}/7`, { headers: { 'x-api-key': KEYS.regione } });
    expect([answer.status, answer.text]).toEqual([200, NAME]);
    const id = gatewayId(answer);
    const kept = (await answerOf(stage.gateway, id))!;
    const content = await contentOf(stage.gateway, kept.id);
    expect([content.status, content.text, content.headers['content-type']]).toEqual([200, NAME, 'application/json']);
    expect(content.headers['content-disposition']).toBe(`attachment; filename="${kept.id}"`);
    expect(await eventsOf(stage.gateway, kept.id)).toEqual(['query.kept', 'message.viewed']);
    const question = await contentOf(stage.gateway, id);
    expect([question.status, question.text, question.headers['x-target']]).toEqual([200, '', 'GET /residenti/7']);
  });

  it('8: the consumer reads its answer again, and not who looked at it', async () => {
    stage.pratola.answerWith(say(200, 'application/json', NAME));
    const id = gatewayId(await ask(`${RESIDENT}/8`));
    await answerOf(stage.gateway, id);
    await contentOf(stage.gateway, id);
    expect((await ask(`/messages/${id}/answer`)).text).toBe(NAME);
    const told = await ask(`/messages/${id}/timeline`);
    expect(told.json<{ entries: { event: string }[] }>().entries.map(({ event }) => event)).toEqual([
      'query.asked',
      'query.answered',
    ]);
    expect((await ask(`/messages/${id}/answer`, { key: KEYS.raiano })).status).toBe(404);
  });

  it('8: the id that the consumer gave names its question for operators, not the answer kept beside it', async () => {
    stage.pratola.answerWith(say(200, 'application/json', NAME));
    const id = gatewayId(await ask(`${RESIDENT}/10`, { headers: { 'idempotency-key': `domanda-${_name}` } }));
    await answerOf(stage.gateway, id);
    const named = await http(
      `${stage.gateway.url}/admin/messages/${encodeURIComponent(`domanda-${_name}`)}`,
      asOperator,
    );
    expect(named.json()).toMatchObject({ id, relatesTo: null });
  });

  it('8: full keeps an answer that was not handed on, for operators only', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"cognome":"Rossi"}'));
    const answer = await ask(`${RESIDENT}/9`);
    expect(codeOf(answer)).toEqual([502, 'answer-invalid']);
    const kept = (await answerOf(stage.gateway, gatewayId(answer)))!;
    expect(kept).toMatchObject({ state: 'REJECTED', fault: { code: 'answer-invalid' } });
    expect((await contentOf(stage.gateway, kept.id)).text).toBe('{"cognome":"Rossi"}');
    const again = await ask(`/messages/${gatewayId(answer)}/answer`);
    expect([again.status, again.text.includes('Rossi')]).toEqual([502, false]);
  });

  it('8: strict is written before the question and before the answer, which keeps what the provider said', async () => {
    const asked: string[][] = [];
    stage.pratola.answerWith(({ headers }, reply) => {
      void eventsOf(stage.gateway, String(headers['x-gateway-id'])).then((events) => {
        asked.push([...events]);
        reply.writeHead(200, { 'content-type': 'application/json' }).end(NAME);
      });
    });
    const answer = await ask('/soap/c_h007/v1/Residenza', {
      body: envelope('<leggiResidente xmlns="urn:prova:residenza"><id>1</id></leggiResidente>'),
      headers: { 'content-type': 'text/xml', soapaction: '"urn:leggiResidente"' },
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('leggiResidenteRisposta')]);
    expect(asked).toEqual([['query.asked']]);
    const now = await http(`${stage.gateway.url}/admin/messages/${gatewayId(answer)}/timeline`, asOperator);
    const { entries } = now.json<{ entries: { event: string; stations?: { station: string }[] }[] }>();
    expect(entries.map(({ event }) => event)).toEqual(['query.asked', 'query.answered']);
    expect(entries[1]!.stations?.map(({ station }) => station)).toContain('evidence');
    const kept = (await answerOf(stage.gateway, gatewayId(answer)))!;
    expect((await contentOf(stage.gateway, kept.id)).text).toBe(NAME);
    expect((await contentOf(stage.gateway, gatewayId(answer))).text).toContain('<leggiResidente');
  });

  it('8: none keeps nothing of an answered question, and what became of one that failed', async () => {
    const raiano = asker(stage, KEYS.raiano);
    stage.pratola.answerWith(say(200, 'application/json', NAME));
    const answered = await raiano(`${RESIDENT}/10`);
    stage.pratola.answerWith(say(200, 'application/json', '[]'));
    const failed = await raiano(`${RESIDENT}/11`);
    expect([answered.status, failed.status]).toEqual([200, 502]);
    expect(await eventsOf(stage.gateway, gatewayId(failed))).toEqual(['query.asked', 'query.failed']);
    // Written in order: what came before the failed one would be there too.
    const path = `${stage.gateway.url}/admin/messages/${gatewayId(answered)}`;
    expect((await http(path, asOperator)).status).toBe(404);
    const { text } = await http(`${stage.gateway.url}/admin/metrics`, asOperator);
    expect(text).toMatch(/^crocevia_query_unrecorded_total 1$/m);
  });

  it('8: digest, unless the agreement says otherwise: facts and digests, no bytes', async () => {
    const body = '<leggiResidenteRisposta xmlns="urn:prova:residenza"><nome>Anna</nome></leggiResidenteRisposta>';
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(body)));
    const answer = await ask('/rest/c_i804/v1/Residenza/residenti/1');
    expect(answer.status).toBe(200);
    const [, answered] = await timelineOf(stage.gateway, gatewayId(answer));
    expect(answered).toMatchObject({ event: 'query.answered', answer: { digest: sha256(answer.text) } });
    expect(codeOf(await contentOf(stage.gateway, gatewayId(answer)))).toEqual([404, 'message-unknown']);
    expect(await answerOf(stage.gateway, gatewayId(answer))).toBeUndefined();
    expect(lastOf(stage.sulmona).body.toString()).toContain('leggiResidente');
  });
});

describe('evidence of queries while the database is away', () => {
  let postgres: PrivatePostgres;
  let line: Line;
  let gateway: RunningGateway;
  let pratola: Receiver;

  beforeAll(async () => {
    [postgres, pratola] = await Promise.all([startPostgres(), startReceiver()]);
    line = await startLine(Number(new URL(postgres.url).port));
    const url = new URL(postgres.url);
    url.port = String(line.port);
    const directory = await writeQueryRegistry({
      soap: null,
      rest: pratola.url,
      agreements: {
        [FULL]: { evidence: 'full', strictEvidence: true },
        'c_h166-c_h007-Residenti': { evidence: 'full' },
      },
    });
    gateway = await startGateway({ DATABASE_URL: url.href, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    line.mend();
    await gateway.kill9();
    await Promise.all([line.stop(), postgres.stop(), pratola.stop()]);
  }, 60_000);

  const ask = (id: string, key: string = KEYS.regione) => http(`${gateway.url}${RESIDENT}/${id}`, { key });
  /** A node looks for its database once a second. */
  const isBack = () => until(async () => (await ask('1')).text === NAME);

  it('8: strict asks nobody, and says when to ask again; else the question is answered', async () => {
    pratola.answerWith(say(200, 'application/json', NAME));
    line.cut();
    const before = pratola.received.length;
    const strict = await ask('1');
    expect(codeOf(strict)).toEqual([503, 'store-unavailable']);
    expect(Number(strict.headers['retry-after'])).toBeGreaterThan(0);
    expect(pratola.received.length).toBe(before);
    expect((await ask('1', KEYS.raiano)).text).toBe(NAME);
    line.mend();
    await isBack();
  });

  it('8: strict gives no answer that is not durable', async () => {
    pratola.answerWith((_, reply) => {
      line.cut();
      reply.writeHead(200, { 'content-type': 'application/json' }).end(NAME);
    });
    const answer = await ask('2');
    expect([...codeOf(answer), answer.text.includes('Anna')]).toEqual([503, 'store-unavailable', false]);
    line.mend();
    pratola.answerWith(say(200, 'application/json', NAME));
    await isBack();
    expect(await eventsOf(gateway, gatewayId(answer))).toEqual(['query.asked']);
  });
});
