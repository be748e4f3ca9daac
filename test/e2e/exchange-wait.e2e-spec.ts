import { http, idOf } from '../support/client.js';
import {
  answering,
  conferma,
  correlationIdOf,
  exchangeRegistry,
  exchangeStage,
  inoltro,
  ISTANZE,
  PUBLIC_URL,
  SOAP,
  to,
} from '../support/exchange-stage.js';
import { startGateway } from '../support/gateway.js';
import { codeOf } from '../support/query-stage.js';
import { startReceiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, standard } from '../support/shapes.js';
import { ANSWERED_JSON, example } from '../support/tax-query.js';

/** Sulmona asks Pratola. */
const QUESTION = JSON.parse(
  example('richiestaPosizioneTributaria.json').replaceAll('c_i804', 'c_h007').replaceAll('r_abruzz', 'c_i804'),
) as object;

describe.each(SHAPES)('exchanges whose answer is waited for, %s', (_name, lay) => {
  const { stage, ask, answer, callback } = exchangeStage(lay);

  it('5: a consumer that waits gets the answer on its connection', async () => {
    const asking = ask(`${ISTANZE}/verifica`, {
      body: { valore: 10 },
      headers: { prefer: 'wait=20', 'idempotency-key': 'attesa-1' },
    });
    const delivery = await stage.pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-1');
    await answer(delivery, { esito: 'subito' });
    const answered = await asking;
    expect([answered.status, answered.json(), answered.headers['preference-applied']]).toEqual([
      200,
      { esito: 'subito' },
      'wait=20',
    ]);
  });

  it('5: at its deadline it is told where to follow, and the repeated question gets the answer', async () => {
    const call = { body: { valore: 11 }, headers: { prefer: 'wait=1', 'idempotency-key': 'attesa-2' } };
    const asked = await ask(`${ISTANZE}/verifica`, call);
    expect([asked.status, asked.json()]).toMatchObject([202, { status: 'accepted' }]);
    await answer(await stage.pratola.next(to(idOf(asked))), { esito: 'dopo' });
    const again = await ask(`${ISTANZE}/verifica`, call);
    expect([again.status, again.json()]).toEqual([200, { esito: 'dopo' }]);
    expect(stage.pratola.received.filter(to(idOf(asked)))).toHaveLength(1);
  });

  it('5: a SOAP consumer waits where its interface promises the answer, and may ask again', async () => {
    const body = inoltro('7b06');
    const call = { body, headers: { ...SOAP, 'idempotency-key': 'attesa-3' } };
    const asking = ask('/soap/c_h007/v1/InoltroConConferma', call);
    const delivery = await stage.pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-3');
    await answer(delivery, conferma(), { 'content-type': 'text/xml' });
    expect(await asking).toMatchObject({ status: 200, text: conferma() });

    const short = {
      body: body.replaceAll('7b06', '7b07'),
      headers: { ...SOAP, prefer: 'wait=1', 'idempotency-key': 'attesa-4' },
    };
    const pending = await ask('/soap/c_h007/v1/InoltroConConferma', short);
    expect([pending.status, pending.text]).toMatchObject([500, expect.stringMatching(/soap:Server[^]*answer-pending/)]);
    const late = await stage.pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-4');
    await answer(late, conferma(), { 'content-type': 'text/xml' });
    expect(await ask('/soap/c_h007/v1/InoltroConConferma', short)).toMatchObject({
      status: 200,
      text: conferma(),
    });
  });

  it('5: a query of a provider that answers at once is answered later where the consumer asks for it', async () => {
    let isUp = false;
    stage.pratola.answerWith(({ path }, reply) => {
      if (!path.endsWith('/posizioni/consulta')) return void reply.writeHead(200).end();
      if (!isUp) return void reply.writeHead(503, { 'retry-after': '0' }).end();
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWERED_JSON));
    });
    const headers = { prefer: 'respond-async', ...callback('/dopo') };
    const asked = await ask('/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta', {
      body: QUESTION,
      headers,
    });
    expect([asked.status, asked.headers['location']]).toEqual([202, `${PUBLIC_URL}/messages/${idOf(asked)}`]);
    await stage.pratola.next(to(idOf(asked)));
    expect(codeOf(await ask(`/messages/${idOf(asked)}/answer`))).toEqual([404, 'answer-pending']);
    isUp = true;
    const pushed = await stage.sulmona.next(answering(correlationIdOf(asked)));
    expect(JSON.parse(pushed.body.toString())).toEqual(ANSWERED_JSON);
    expect((await ask(`/messages/${idOf(asked)}/answer`)).json()).toEqual(ANSWERED_JSON);
    const status = (await ask(`/messages/${idOf(asked)}`)).json<{ state: string; links: { answer: string } }>();
    expect([status.state, status.links.answer]).toEqual(['COMPLETED', `${PUBLIC_URL}/messages/${idOf(asked)}/answer`]);
    stage.pratola.answerWith((_, reply) => void reply.writeHead(200).end());
  });
});

describe('5: an answer that another node takes', () => {
  it('5: reaches the consumer that waits at this one', async () => {
    const [ground, pratola, sulmona] = await Promise.all([standard(), startReceiver(), startReceiver()]);
    const directory = await exchangeRegistry({ pratola, sulmona });
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, PUBLIC_URL };
    const [one, other] = [await startGateway(env), await startGateway(env)];
    const asking = http(`${one.url}${ISTANZE}/verifica`, {
      key: KEYS.sulmona,
      body: { valore: 1 },
      headers: { prefer: 'wait=20' },
    });
    const { headers } = await pratola.next();
    const address = (headers['x-replyto'] as string).replace(PUBLIC_URL, other.url);
    expect((await http(address, { key: KEYS.pratola, body: { esito: 'altrove' } })).status).toBe(200);
    expect((await asking).json()).toEqual({ esito: 'altrove' });
    expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0]);
    await Promise.all([ground.stop(), pratola.stop(), sulmona.stop()]);
  }, 120_000);
});
