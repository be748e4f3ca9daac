import { idOf, statusWhen, type HttpAnswer } from '../support/client.js';
import { CALLBACK_TOKEN, PER_MINUTE } from '../support/exchange-registry.js';
import { answering, correlationIdOf, exchangeStage, ISTANZE, PUBLIC_URL, to } from '../support/exchange-stage.js';
import { codeOf } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';
import { until } from '../support/until.js';

describe.each(SHAPES)('exchanges that are answered later, %s', (_name, lay) => {
  const { stage, ask, answer, callback } = exchangeStage(lay);

  it('4: NONBLOCK_PUSH over REST: 202 with X-Correlation-ID, and the answer goes to X-ReplyTo', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 1 }, headers: callback('/calcolo?x=1') });
    expect(asked.status).toBe(202);
    const correlationId = correlationIdOf(asked);
    const delivery = await stage.pratola.next(to(idOf(asked)));
    expect(delivery.headers).toMatchObject({
      'x-replyto': `${PUBLIC_URL}/messages/${idOf(asked)}/answer`,
      'x-correlation-id': correlationId,
    });
    const taken = await answer(delivery, { esito: 'ok' });
    expect([taken.status, taken.json()]).toMatchObject([200, { result: 'ACK', correlationId, duplicate: false }]);
    const pushed = await stage.sulmona.next(answering(correlationId));
    expect(pushed).toMatchObject({ method: 'POST', path: '/in/risposte/calcolo?x=1' });
    expect(pushed.headers).toMatchObject({ authorization: CALLBACK_TOKEN, 'content-type': 'application/json' });
    expect(JSON.parse(pushed.body.toString())).toEqual({ esito: 'ok' });
  });

  it('4: an answer that is repeated is taken once; another one, or one of another system, is refused', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 2 }, headers: callback() });
    const delivery = await stage.pratola.next(to(idOf(asked)));
    expect(codeOf(await answer(delivery, { esito: 'falso' }, {}, KEYS.raiano))).toEqual([404, 'message-unknown']);
    expect(codeOf(await answer(delivery, { esito: 'falso' }, {}, KEYS.sulmona))).toEqual([404, 'message-unknown']);
    expect((await answer(delivery, { esito: 'uno' })).json()).toMatchObject({ duplicate: false });
    expect((await answer(delivery, { esito: 'uno' })).json()).toMatchObject({ duplicate: true });
    const another = await answer(delivery, { esito: 'due' });
    expect(codeOf(another)).toEqual([409, 'duplicate-conflict']);
    expect(another.json()).toMatchObject({ place: 'answer', expected: 'the answer that was given before' });
    await stage.sulmona.next(answering(correlationIdOf(asked)));
    const read = await ask(`/messages/${idOf(asked)}/answer`);
    expect([read.status, read.json()]).toEqual([200, { esito: 'uno' }]);
    expect(stage.sulmona.received.filter(answering(correlationIdOf(asked)))).toHaveLength(1);
  });

  it('4: holds the answer against the published callback', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 3 }, headers: callback() });
    const delivery = await stage.pratola.next(to(idOf(asked)));
    const refused = await answer(delivery, { esito: 1, altro: true });
    expect(codeOf(refused)).toEqual([400, 'schema-violation']);
    expect(refused.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)).toContain('/esito');
    expect(codeOf(await answer(delivery, '{', { 'content-type': 'application/json' }))).toEqual([
      400,
      'not-well-formed',
    ]);
    expect(codeOf(await ask(`/messages/${idOf(asked)}/answer`))).toEqual([404, 'answer-pending']);
    expect((await answer(delivery, { esito: 'ok' })).status).toBe(200);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://altrove.example/risposte',
    'file:///etc/passwd',
    'non un indirizzo',
  ])('4: refuses the callback %s, which is not registered', async (url) => {
    const before = stage.pratola.received.length;
    const refused = await ask(`${ISTANZE}/calcolo`, { body: { valore: 4 }, headers: { 'x-replyto': url } });
    expect(codeOf(refused)).toEqual([403, 'reply-to-refused']);
    expect(refused.json()).toMatchObject({ expected: `${stage.sulmona.url}/risposte or below` });
    expect(stage.pratola.received).toHaveLength(before);
  });

  it('4: takes no answer that could not be held against what is published', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 12 } });
    const delivery = await stage.pratola.next(to(idOf(asked)));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(codeOf(await answer(delivery, 'esito=ok', form))).toEqual([415, 'media-type-unsupported']);
    expect(codeOf(await answer(delivery, '', {}))).toEqual([415, 'media-type-unsupported']);
    const xml = { 'content-type': 'application/xml' };
    expect(codeOf(await answer(delivery, '<esito/>', xml))).toEqual([415, 'media-type-unsupported']);
    await until(() => stage.gateway.logs().includes('media-type-unsupported'));
    expect((await answer(delivery, { esito: 'ok' }, { 'x-status': '201' })).json()).toMatchObject({ duplicate: false });
    expect(codeOf(await answer(delivery, { esito: 'ok' }))).toEqual([409, 'duplicate-conflict']);
  });

  it('4: a callback that is down gets its answer once it is up', async () => {
    let refusals = 1;
    stage.sulmona.answerWith(
      (_, reply) => void reply.writeHead(refusals-- > 0 ? 503 : 200, { 'retry-after': '0' }).end(),
    );
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 5 }, headers: callback('/giu') });
    await answer(await stage.pratola.next(to(idOf(asked))), { esito: 'ok' });
    const correlationId = correlationIdOf(asked);
    await stage.sulmona.next((one) => answering(correlationId)(one) && one.headers['x-attempt'] === '2');
    stage.sulmona.answerWith((_, reply) => void reply.writeHead(200).end());
  });

  it('4: NONBLOCK_PULL over REST: 202, 200 while it is processed, 303 to the result', async () => {
    const asked = await ask(`${ISTANZE}/verifica`, { body: { valore: 6 } });
    const url = `${PUBLIC_URL}${ISTANZE}/verifica/${idOf(asked)}`;
    expect([asked.status, asked.headers['location']]).toEqual([202, url]);
    expect(asked.json()).toMatchObject({ status: 'accepted', id: idOf(asked), href: url });
    const delivery = await stage.pratola.next(to(idOf(asked)));
    const processing = await ask(`${ISTANZE}/verifica/${idOf(asked)}`);
    expect([processing.status, processing.json()]).toMatchObject([200, { status: 'processing', id: idOf(asked) }]);
    expect(codeOf(await ask(`${ISTANZE}/verifica/${idOf(asked)}/result`))).toEqual([404, 'answer-pending']);
    await answer(delivery, { esito: 'positivo' });
    const done = await ask(`${ISTANZE}/verifica/${idOf(asked)}`);
    expect(done).toMatchObject({
      status: 303,
      headers: { location: `${url}/result`, 'content-location': url },
    });
    expect(done.json()).toMatchObject({ status: 'done', href: `${url}/result` });
    const result = await ask(`${ISTANZE}/verifica/${idOf(asked)}/result`);
    expect([result.status, result.json()]).toEqual([200, { esito: 'positivo' }]);
    for (const key of [KEYS.raiano, KEYS.pratola])
      for (const end of ['', '/result'])
        expect(codeOf(await ask(`${ISTANZE}/verifica/${idOf(asked)}${end}`, { key }))).toEqual([
          404,
          'message-unknown',
        ]);
    expect((await ask(`${ISTANZE}/verifica/${idOf(asked)}`, { key: 'nessuno' })).status).toBe(401);
    for (const id of ['pratica-1', idOf(asked).toUpperCase()])
      for (const end of ['', '/result'])
        expect(codeOf(await ask(`${ISTANZE}/verifica/${id}${end}`))).toEqual([404, 'message-unknown']);
  });

  it('4: the status says so where the message cannot be delivered, and the result where the provider has failed', async () => {
    stage.pratola.answerWith((_, reply) => void reply.writeHead(422).end());
    const refused = await ask(`${ISTANZE}/verifica`, { body: { valore: 7 } });
    await statusWhen(stage.gateway.url, idOf(refused), ({ state }) => state === 'PARTIALLY_FAILED');
    expect((await ask(`${ISTANZE}/verifica/${idOf(refused)}`)).json()).toMatchObject({
      status: 'failed',
      fault: { code: 'receiver-refused' },
    });
    expect(codeOf(await ask(`${ISTANZE}/verifica/${idOf(refused)}/result`))).toEqual([422, 'receiver-refused']);
    stage.pratola.answerWith((_, reply) => void reply.writeHead(200).end());
    const asked = await ask(`${ISTANZE}/verifica`, { body: { valore: 8 } });
    const problem = { title: 'Istanza assente', status: 404 };
    await answer(await stage.pratola.next(to(idOf(asked))), problem, {
      'x-status': '404',
      'content-type': 'application/problem+json',
    });
    const result = await ask(`${ISTANZE}/verifica/${idOf(asked)}/result`);
    expect([result.status, result.json()]).toEqual([404, problem]);
  });

  it('4: every answer under a rate has X-RateLimit headers', async () => {
    const limits = ({ headers }: HttpAnswer) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]));
    const asked = [1, 'no', 2, 'no', 3, 4, 5, 6].map((valore) => ask(`${ISTANZE}/calcolo`, { body: { valore } }));
    const told = (await Promise.all(asked)).map(limits);
    expect(told.map(([limit]) => limit)).toEqual(told.map(() => PER_MINUTE));
    // Each has cost one, and they were asked together.
    const left = told.map(([, remaining]) => remaining!);
    expect(Math.max(...left)).toBeLessThan(PER_MINUTE);
    expect(Math.min(...left)).toBeLessThanOrEqual(PER_MINUTE - asked.length);
    for (const [, , reset] of told) {
      expect(reset).toBeGreaterThanOrEqual(0);
      expect(reset).toBeLessThanOrEqual(60);
    }
  });
});
