import type { ServerResponse } from 'node:http';
import { http, idOf, type HttpAnswer, type HttpCall } from '../support/client.js';
import { addSafeService, writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, queryStage, stationsOf } from '../support/query-stage.js';
import type { Received } from '../support/receiver.js';
import { SHAPES } from '../support/shapes.js';
import { ANSWERED_JSON, askedJsonOf } from '../support/tax-query.js';

const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti/1';
const ANNA = { nome: 'Anna' };
const HEDGE_MS = 300;
const SLOW_MS = 2 * HEDGE_MS;
const TIMEOUT_MS = 10_000;

describe.each(SHAPES)('queries of a provider that is slow at times, %s', (_name, lay) => {
  const stage = queryStage(lay, async ({ pratola: { url } }) => {
    const hedged = { hedgeAfterMs: HEDGE_MS };
    const directory = await writeQueryRegistry({
      soap: null,
      rest: url,
      timeoutMs: TIMEOUT_MS,
      pratola: hedged,
      answers: { concurrency: 20, waiting: 20 },
    });
    await addSafeService(directory, { ...hedged, protocol: 'rest', url, timeoutMs: TIMEOUT_MS });
    return directory;
  });
  const asking = asker(stage);
  const ask = (path = RESIDENTE, call: HttpCall = {}) => asking(path, call);
  const askJson = (participant: string, service: string) =>
    ask(`/rest/${participant}/v1/${service}/posizioni/consulta`, { body: askedJsonOf(participant) });

  const json = (reply: ServerResponse, body: object) =>
    void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const found = (reply: ServerResponse) => json(reply, ANNA);
  const told = (reply: ServerResponse) => json(reply, ANSWERED_JSON);
  const written = (reply: ServerResponse) => void reply.writeHead(204).end();
  const slowly = (answer: (reply: ServerResponse) => void) => (_: Received, reply: ServerResponse) =>
    void setTimeout(() => answer(reply), SLOW_MS);

  /** From now on; returns what was asked since. */
  function answerWith(answer: (received: Received, reply: ServerResponse) => void): () => readonly Received[] {
    const before = stage.pratola.received.length;
    stage.pratola.answerWith(answer);
    return () => stage.pratola.received.slice(before);
  }
  /** The first of all calls is never answered, the others are at once; resolves when the first has been closed. */
  function neverAnswerFirst(answer: (reply: ServerResponse) => void) {
    let closed!: Promise<void>;
    const asked = answerWith((_, reply) => {
      if (asked().length > 1) answer(reply);
      else closed = new Promise((resolve) => reply.once('close', resolve));
    });
    return { asked, closed: () => closed };
  }
  /** Ten questions that are answered at once: the next one may be hedged. */
  async function earn(question: () => Promise<HttpAnswer>, answer: (reply: ServerResponse) => void): Promise<void> {
    const asked = answerWith((_, reply) => answer(reply));
    const answers = await Promise.all(Array.from({ length: 10 }, question));
    expect([asked().length, answers.filter(({ status }) => status === 200).length]).toEqual([10, 10]);
  }

  async function hedges(): Promise<number> {
    const { text } = await http(`${stage.gateway.url}/admin/metrics`, asOperator);
    return Number(/^crocevia_query_hedges_total (\d+)$/m.exec(text)?.[1]);
  }

  it('6: sends a second, identical call beside a slow one; the first answer wins and the other call is closed', async () => {
    await earn(ask, found);
    const before = await hedges();
    const { asked, closed } = neverAnswerFirst(found);
    const started = performance.now();
    const answer = await ask();
    expect([answer.status, answer.json()]).toEqual([200, ANNA]);
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS / 2);
    await closed();
    const [first, second] = asked() as [Received, Received];
    expect([asked().length, { ...second, at: first.at }]).toEqual([2, first]);
    expect(second.headers['x-gateway-id']).toBe(answer.headers['x-gateway-id']);
    expect(await stationsOf(stage.gateway, idOf(answer))).toContain('wait: hedge');
    expect(await hedges()).toBe(before + 1);
  });

  it('6: hedges one question in ten, so that a slow provider does not get twice the calls', async () => {
    await earn(ask, found);
    const asked = answerWith(slowly(found));
    const together = await Promise.all(Array.from({ length: 9 }, () => ask()));
    expect(together.every(({ status }) => status === 200)).toBe(true);
    expect(asked()).toHaveLength(10);
    const stations = (await Promise.all(together.map((answer) => stationsOf(stage.gateway, idOf(answer))))).flat();
    expect(stations.filter((station) => station === 'wait: hedge')).toHaveLength(1);
  });

  it('6: never hedges what is not declared safe, not even where it may be repeated', async () => {
    await earn(ask, found);
    const posts = answerWith(slowly(told));
    expect([(await askJson('c_h007', 'PosizioneTributaria')).status, posts().length]).toEqual([200, 1]);
    const puts = answerWith(slowly(written));
    expect([(await ask(RESIDENTE, { method: 'PUT', body: ANNA })).status, puts().length]).toEqual([204, 1]);
    const reads = answerWith(slowly(found));
    expect([(await ask()).status, reads().length]).toEqual([200, 2]);
  });

  it('6: hedges a POST for an operation that is declared safe', async () => {
    await earn(() => askJson('c_h166', 'PosizioneSicura'), told);
    const { asked, closed } = neverAnswerFirst(told);
    expect((await askJson('c_h166', 'PosizioneSicura')).status).toBe(200);
    await closed();
    expect(asked()).toHaveLength(2);
  });
});
