import { readFileSync } from 'node:fs';
import { http, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { CALLBACK_TOKEN, PER_MINUTE, writeExchangeRegistry } from '../support/exchange-registry.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const example = (folder: string, name: string) => readFileSync(`schemas/${folder}/1.0/examples/${name}`, 'utf8');
const NS = 'https://schemi.crocevia.example/protocollo/1.0';
const envelope = (body: string, header = '') =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>${header}</e:Header><e:Body>${body.replace(/<\?xml[^>]*\?>\s*/, '')}</e:Body></e:Envelope>`;
const INOLTRO = example('protocollo', 'inoltroProtocollo.xml');
const CONFERMA = example('protocollo', 'confermaProtocollazione.xml');
const CONFERMA_JSON = JSON.parse(example('protocollo', 'confermaProtocollazione.json')) as object;
const ASKED_JSON = example('tributi', 'richiestaPosizioneTributaria.json')
  .replaceAll('c_i804', 'c_h007')
  .replaceAll('r_abruzz', 'c_i804');
const ANSWERED_JSON = JSON.parse(example('tributi', 'rispostaPosizioneTributaria.json')) as object;
const ISTANZE = '/rest/c_h007/v1/Istanze/istanze/7';
const SOAP = { 'content-type': 'text/xml', soapaction: `"${NS}/inoltroProtocollo"` };
const PUBLIC_URL = 'https://porta.example';

const code = (answer: HttpAnswer) => [answer.status, answer.json<{ code: string }>().code];
const idOf = ({ headers }: HttpAnswer) => headers['x-gateway-id'] as string;
const to = (id: string) => (received: Received) => received.headers['x-gateway-id'] === id;
const answering = (correlationId: string) => (received: Received) =>
  received.path.includes('/risposte') && received.headers['x-correlation-id'] === correlationId;
const xReplyTo = (url: string) => `<m:X-ReplyTo xmlns:m="${NS}">${url}</m:X-ReplyTo>`;

describe.each(SHAPES)('exchanges that are answered later, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let sulmona: Receiver;

  beforeAll(async () => {
    [ground, pratola, sulmona] = await Promise.all([lay(), startReceiver(), startReceiver()]);
    const directory = await writeExchangeRegistry({ pratola: pratola.url, sulmona: sulmona.url });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, PUBLIC_URL });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop(), sulmona.stop()]);
  }, 60_000);

  const ask = (path: string, call: HttpCall = {}) => http(`${gateway.url}${path}`, { key: KEYS.sulmona, ...call });
  const at = (url: string) => url.replace(PUBLIC_URL, gateway.url);
  /** What the provider answers, at the address that came with the delivery. */
  const answer = (
    delivery: Received,
    body: HttpCall['body'],
    headers: Record<string, string> = {},
    key: string = KEYS.pratola,
  ) =>
    http(at(delivery.headers['x-replyto'] as string), {
      key,
      method: 'POST',
      headers,
      ...(body !== undefined && { body }),
    });
  const callback = (path = '') => ({ 'x-replyto': `${sulmona.url}/risposte${path}` });

  it('4: NONBLOCK_PUSH over REST: 202 with X-Correlation-ID, and the answer goes to X-ReplyTo', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 1 }, headers: callback('/calcolo?x=1') });
    expect(asked.status).toBe(202);
    const correlationId = asked.headers['x-correlation-id'] as string;
    const delivery = await pratola.next(to(idOf(asked)));
    expect(delivery.headers).toMatchObject({
      'x-replyto': `${PUBLIC_URL}/messages/${idOf(asked)}/answer`,
      'x-correlation-id': correlationId,
    });
    const taken = await answer(delivery, { esito: 'ok' });
    expect([taken.status, taken.json()]).toMatchObject([200, { result: 'ACK', correlationId, duplicate: false }]);
    const pushed = await sulmona.next(answering(correlationId));
    expect(pushed).toMatchObject({ method: 'POST', path: '/in/risposte/calcolo?x=1' });
    expect(pushed.headers).toMatchObject({ authorization: CALLBACK_TOKEN, 'content-type': 'application/json' });
    expect(JSON.parse(pushed.body.toString())).toEqual({ esito: 'ok' });
  });

  it('4: an answer that is repeated is taken once; another one, or one of another system, is refused', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 2 }, headers: callback() });
    const delivery = await pratola.next(to(idOf(asked)));
    expect(code(await answer(delivery, { esito: 'falso' }, {}, KEYS.raiano))).toEqual([404, 'message-unknown']);
    expect(code(await answer(delivery, { esito: 'falso' }, {}, KEYS.sulmona))).toEqual([404, 'message-unknown']);
    expect((await answer(delivery, { esito: 'uno' })).json()).toMatchObject({ duplicate: false });
    expect((await answer(delivery, { esito: 'uno' })).json()).toMatchObject({ duplicate: true });
    expect(code(await answer(delivery, { esito: 'due' }))).toEqual([409, 'duplicate-conflict']);
    await sulmona.next(answering(asked.headers['x-correlation-id'] as string));
    const read = await ask(`/messages/${idOf(asked)}/answer`);
    expect([read.status, read.json()]).toEqual([200, { esito: 'uno' }]);
    expect(sulmona.received.filter(answering(asked.headers['x-correlation-id'] as string))).toHaveLength(1);
  });

  it('4: holds the answer against the published callback', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 3 }, headers: callback() });
    const delivery = await pratola.next(to(idOf(asked)));
    const refused = await answer(delivery, { esito: 1, altro: true });
    expect(code(refused)).toEqual([400, 'schema-violation']);
    expect(refused.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)).toContain('/esito');
    expect(code(await answer(delivery, '{', { 'content-type': 'application/json' }))).toEqual([400, 'not-well-formed']);
    expect(code(await ask(`/messages/${idOf(asked)}/answer`))).toEqual([404, 'answer-pending']);
    expect((await answer(delivery, { esito: 'ok' })).status).toBe(200);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://altrove.example/risposte',
    'file:///etc/passwd',
    'non un indirizzo',
  ])('4: refuses the callback %s, which is not registered', async (url) => {
    const before = pratola.received.length;
    const refused = await ask(`${ISTANZE}/calcolo`, { body: { valore: 4 }, headers: { 'x-replyto': url } });
    expect(code(refused)).toEqual([403, 'reply-to-refused']);
    expect(refused.json()).toMatchObject({ expected: `${sulmona.url}/risposte or below` });
    expect(pratola.received).toHaveLength(before);
  });

  it('4: takes no answer that could not be held against what is published', async () => {
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 12 } });
    const delivery = await pratola.next(to(idOf(asked)));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(code(await answer(delivery, 'esito=ok', form))).toEqual([415, 'media-type-unsupported']);
    expect(code(await answer(delivery, '', {}))).toEqual([415, 'media-type-unsupported']);
    const xml = { 'content-type': 'application/xml' };
    expect(code(await answer(delivery, '<esito/>', xml))).toEqual([415, 'media-type-unsupported']);
    expect(gateway.logs()).toContain('media-type-unsupported');
    expect((await answer(delivery, { esito: 'ok' }, { 'x-status': '201' })).json()).toMatchObject({ duplicate: false });
    expect(code(await answer(delivery, { esito: 'ok' }))).toEqual([409, 'duplicate-conflict']);
  });

  it.each([
    ['two blocks', `<a:X-ReplyTo xmlns:a="urn:x">OWN</a:X-ReplyTo>${xReplyTo('http://10.0.0.5/')}`],
    ['a block and another HTTP header', xReplyTo('http://10.0.0.5/')],
    ['a block behind a comment', `<!-- <e:Body > -->${xReplyTo('OWN')}`],
    ['a block in CDATA', `<m:X-ReplyTo xmlns:m="${NS}"><![CDATA[OWN]]></m:X-ReplyTo>`],
  ])('4: refuses %s: the provider could read another address than was checked', async (_what, header) => {
    const own = `${sulmona.url}/risposte/x`;
    const before = pratola.received.length;
    const body = envelope(
      INOLTRO.replaceAll('c_h007', 'c_h166').replaceAll('7a04', '7b09'),
      header.replace('OWN', own),
    );
    const refused = await ask('/soap/c_h166/v1/InoltroProtocollo', { body, headers: { ...SOAP, 'x-replyto': own } });
    expect([refused.status, refused.text]).toMatchObject([
      500,
      expect.stringMatching(/soap:Client[^]*parameter-wrong/),
    ]);
    expect(pratola.received).toHaveLength(before);
  });

  it('4: a callback that is down gets its answer once it is up', async () => {
    let refusals = 1;
    sulmona.answerWith((_, reply) => void reply.writeHead(refusals-- > 0 ? 503 : 200, { 'retry-after': '0' }).end());
    const asked = await ask(`${ISTANZE}/calcolo`, { body: { valore: 5 }, headers: callback('/giu') });
    await answer(await pratola.next(to(idOf(asked))), { esito: 'ok' });
    const correlationId = asked.headers['x-correlation-id'] as string;
    await sulmona.next((one) => answering(correlationId)(one) && one.headers['x-attempt'] === '2');
    sulmona.answerWith((_, reply) => void reply.writeHead(200).end());
  });

  it('4: NONBLOCK_PULL over REST: 202, 200 while it is processed, 303 to the result', async () => {
    const asked = await ask(`${ISTANZE}/verifica`, { body: { valore: 6 } });
    const url = `${PUBLIC_URL}${ISTANZE}/verifica/${idOf(asked)}`;
    expect([asked.status, asked.headers['location']]).toEqual([202, url]);
    expect(asked.json()).toMatchObject({ status: 'accepted', id: idOf(asked), href: url });
    const delivery = await pratola.next(to(idOf(asked)));
    const processing = await ask(`${ISTANZE}/verifica/${idOf(asked)}`);
    expect([processing.status, processing.json()]).toMatchObject([200, { status: 'processing', id: idOf(asked) }]);
    expect(code(await ask(`${ISTANZE}/verifica/${idOf(asked)}/result`))).toEqual([404, 'answer-pending']);
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
        expect(code(await ask(`${ISTANZE}/verifica/${idOf(asked)}${end}`, { key }))).toEqual([404, 'message-unknown']);
    expect((await ask(`${ISTANZE}/verifica/${idOf(asked)}`, { key: 'nessuno' })).status).toBe(401);
  });

  it('4: the status says so where the message cannot be delivered, and the result where the provider has failed', async () => {
    pratola.answerWith((_, reply) => void reply.writeHead(422).end());
    const refused = await ask(`${ISTANZE}/verifica`, { body: { valore: 7 } });
    await statusWhen(gateway.url, idOf(refused), ({ state }) => state === 'PARTIALLY_FAILED');
    expect((await ask(`${ISTANZE}/verifica/${idOf(refused)}`)).json()).toMatchObject({
      status: 'failed',
      fault: { code: 'receiver-refused' },
    });
    expect(code(await ask(`${ISTANZE}/verifica/${idOf(refused)}/result`))).toEqual([422, 'receiver-refused']);
    pratola.answerWith((_, reply) => void reply.writeHead(200).end());
    const asked = await ask(`${ISTANZE}/verifica`, { body: { valore: 8 } });
    const problem = { title: 'Istanza assente', status: 404 };
    await answer(await pratola.next(to(idOf(asked))), problem, {
      'x-status': '404',
      'content-type': 'application/problem+json',
    });
    const result = await ask(`${ISTANZE}/verifica/${idOf(asked)}/result`);
    expect([result.status, result.json()]).toEqual([404, problem]);
  });

  it('4: NONBLOCK_PUSH over SOAP: the header blocks are honoured, and the provider answers by way of the gateway', async () => {
    const body = envelope(INOLTRO.replaceAll('c_h007', 'c_h166'), xReplyTo(`${sulmona.url}/risposte/soap`));
    const asked = await ask('/soap/c_h166/v1/InoltroProtocollo', { body, headers: SOAP });
    expect(asked.status).toBe(200);
    const correlationId = asked.headers['x-correlation-id'] as string;
    expect(asked.text).toContain(`X-Correlation-ID xmlns:m="${NS}">${correlationId}<`);
    const delivery = await pratola.next(to(idOf(asked)));
    const address = `${PUBLIC_URL}/messages/${idOf(asked)}/answer`;
    expect(delivery.headers['x-replyto']).toBe(address);
    expect(delivery.body.toString()).toBe(body.replace(`${sulmona.url}/risposte/soap`, address));
    const conferma = envelope(CONFERMA, `<m:X-Correlation-ID xmlns:m="${NS}">${correlationId}</m:X-Correlation-ID>`);
    expect((await answer(delivery, conferma, { 'content-type': 'text/xml' }, KEYS.raiano)).status).toBe(202);
    const pushed = await sulmona.next(answering(correlationId));
    expect([pushed.path, pushed.body.toString()]).toEqual(['/in/risposte/soap', conferma]);
  });

  it('4: a SOAP answer that is not as published, or from nobody, is refused in SOAP', async () => {
    const asked = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: envelope(INOLTRO.replaceAll('7a04', '7b01')),
      headers: SOAP,
    });
    const delivery = await pratola.next(to(idOf(asked)));
    const other = await answer(delivery, envelope(INOLTRO), { 'content-type': 'text/xml' });
    expect([other.status, other.text]).toMatchObject([
      500,
      expect.stringMatching(/faultcode>soap:Client.*operation-ambiguous/),
    ]);
    const stranger = await answer(delivery, envelope(CONFERMA), { 'content-type': 'text/xml' }, KEYS.raiano);
    expect(stranger.text).toContain('message-unknown');
  });

  it('4: answers of one protocol reach who has asked in the other', async () => {
    const header = xReplyTo(`${sulmona.url}/risposte/misto`);
    const inSoap = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: envelope(INOLTRO.replaceAll('7a04', '7b02'), header),
      headers: SOAP,
    });
    expect((await answer(await pratola.next(to(idOf(inSoap))), CONFERMA_JSON)).status).toBe(200);
    const soap = await sulmona.next(answering(inSoap.headers['x-correlation-id'] as string));
    expect(soap.headers['content-type']).toContain('text/xml');
    expect(soap.body.toString()).toMatch(/Envelope[^]*X-Correlation-ID[^]*confermaProtocollazione[^]*0000987/);

    const json = JSON.parse(example('protocollo', 'inoltroProtocollo.json').replaceAll('7a04', '7b03')) as object;
    const inJson = await ask('/rest/c_h007/v1/InoltroProtocollo/inoltri', { body: json, headers: callback('/misto') });
    const delivery = await pratola.next(to(idOf(inJson)));
    expect((await answer(delivery, envelope(CONFERMA), { 'content-type': 'text/xml' })).status).toBe(202);
    const rest = await sulmona.next(answering(inJson.headers['x-correlation-id'] as string));
    expect(JSON.parse(rest.body.toString())).toEqual(CONFERMA_JSON);
  });

  it('4: a failure of one protocol reaches who has asked as one of the other', async () => {
    const header = xReplyTo(`${sulmona.url}/risposte/guasto`);
    const inSoap = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: envelope(INOLTRO.replaceAll('7a04', '7b04'), header),
      headers: SOAP,
    });
    const problem = { title: 'Registro chiuso', status: 422, detail: 'Registro chiuso' };
    const failed = { 'x-status': '422', 'content-type': 'application/problem+json' };
    await answer(await pratola.next(to(idOf(inSoap))), problem, failed);
    const soap = await sulmona.next(answering(inSoap.headers['x-correlation-id'] as string));
    expect(soap.body.toString()).toMatch(/faultcode>soap:Client<[^]*Registro chiuso/);

    const json = JSON.parse(example('protocollo', 'inoltroProtocollo.json').replaceAll('7a04', '7b05')) as object;
    const inJson = await ask('/rest/c_h007/v1/InoltroProtocollo/inoltri', { body: json, headers: callback('/guasto') });
    const fault = envelope(
      '<e:Fault><faultcode>e:Client</faultcode><faultstring>Registro chiuso</faultstring></e:Fault>',
    );
    await answer(await pratola.next(to(idOf(inJson))), fault, { 'content-type': 'text/xml' });
    const rest = await sulmona.next(answering(inJson.headers['x-correlation-id'] as string));
    expect(rest.headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-status': '422' });
    expect(JSON.parse(rest.body.toString())).toMatchObject({
      code: 'receiver-refused',
      detail: expect.stringContaining('Registro chiuso'),
    });
  });

  it('4: every answer under a rate has X-RateLimit headers', async () => {
    const limits = ({ headers }: HttpAnswer) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]));
    const first = limits(await ask(`${ISTANZE}/calcolo`, { body: { valore: 9 } }));
    const second = limits(await ask(`${ISTANZE}/calcolo`, { body: { valore: 'no' } }));
    expect([first[0], second[0]]).toEqual([PER_MINUTE, PER_MINUTE]);
    expect(first[1]! - second[1]!).toBe(1);
    expect(second[2]).toBeGreaterThanOrEqual(0);
    expect(second[2]).toBeLessThanOrEqual(60);
  });

  it('4: every SOAP address answers echo, in the version that was asked in', async () => {
    const g = 'https://schemi.crocevia.example/gateway/1.0';
    const body = envelope(`<g:echo xmlns:g="${g}"><g:messaggio>ci sei &amp; come?</g:messaggio></g:echo>`);
    const headers = { 'content-type': 'text/xml', soapaction: `"${g}/echo"` };
    const echo = await ask('/soap/c_h007/v1/InoltroProtocollo', { body, headers });
    expect([echo.status, echo.text]).toMatchObject([
      200,
      expect.stringMatching(/messaggio>ci sei &amp; come\?<[^]*stato>attivo<[^]*dataOra>20/),
    ]);
    const in12 = body.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope');
    const twelve = await ask('/soap/c_h166/v1/InoltroProtocollo', {
      body: in12,
      headers: { 'content-type': 'application/soap+xml' },
    });
    expect([twelve.status, twelve.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('application/soap+xml'),
    ]);
    expect((await ask('/soap/c_h007/v1/Ignoto', { body, headers })).text).toContain('service-unknown');
    expect((await ask('/soap/c_h007/v1/InoltroProtocollo', { body, headers, key: 'nessuno' })).status).toBe(401);
  });

  it('5: a consumer that waits gets the answer on its connection', async () => {
    const asking = ask(`${ISTANZE}/verifica`, {
      body: { valore: 10 },
      headers: { prefer: 'wait=20', 'idempotency-key': 'attesa-1' },
    });
    const delivery = await pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-1');
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
    await answer(await pratola.next(to(idOf(asked))), { esito: 'dopo' });
    const again = await ask(`${ISTANZE}/verifica`, call);
    expect([again.status, again.json()]).toEqual([200, { esito: 'dopo' }]);
    expect(pratola.received.filter(to(idOf(asked)))).toHaveLength(1);
  });

  it('5: a SOAP consumer waits where its interface promises the answer, and may ask again', async () => {
    const body = envelope(INOLTRO.replaceAll('7a04', '7b06'));
    const call = { body, headers: { ...SOAP, 'idempotency-key': 'attesa-3' } };
    const asking = ask('/soap/c_h007/v1/InoltroConConferma', call);
    const delivery = await pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-3');
    await answer(delivery, envelope(CONFERMA), { 'content-type': 'text/xml' });
    expect(await asking).toMatchObject({ status: 200, text: envelope(CONFERMA) });

    const short = {
      body: body.replaceAll('7b06', '7b07'),
      headers: { ...SOAP, prefer: 'wait=1', 'idempotency-key': 'attesa-4' },
    };
    const pending = await ask('/soap/c_h007/v1/InoltroConConferma', short);
    expect([pending.status, pending.text]).toMatchObject([500, expect.stringMatching(/soap:Server[^]*answer-pending/)]);
    const late = await pratola.next(({ headers }) => headers['x-message-id'] === 'attesa-4');
    await answer(late, envelope(CONFERMA), { 'content-type': 'text/xml' });
    expect(await ask('/soap/c_h007/v1/InoltroConConferma', short)).toMatchObject({
      status: 200,
      text: envelope(CONFERMA),
    });
  });

  it('5: a query of a provider that answers at once is answered later where the consumer asks for it', async () => {
    let isUp = false;
    pratola.answerWith(({ path }, reply) => {
      if (!path.endsWith('/posizioni/consulta')) return void reply.writeHead(200).end();
      if (!isUp) return void reply.writeHead(503, { 'retry-after': '0' }).end();
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWERED_JSON));
    });
    const headers = { prefer: 'respond-async', ...callback('/dopo') };
    const asked = await ask('/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta', {
      body: JSON.parse(ASKED_JSON) as object,
      headers,
    });
    expect([asked.status, asked.headers['location']]).toEqual([202, `${PUBLIC_URL}/messages/${idOf(asked)}`]);
    await pratola.next(to(idOf(asked)));
    expect(code(await ask(`/messages/${idOf(asked)}/answer`))).toEqual([404, 'answer-pending']);
    isUp = true;
    const pushed = await sulmona.next(answering(asked.headers['x-correlation-id'] as string));
    expect(JSON.parse(pushed.body.toString())).toEqual(ANSWERED_JSON);
    expect((await ask(`/messages/${idOf(asked)}/answer`)).json()).toEqual(ANSWERED_JSON);
    const status = (await ask(`/messages/${idOf(asked)}`)).json<{ state: string; links: { answer: string } }>();
    expect([status.state, status.links.answer]).toEqual(['COMPLETED', `${PUBLIC_URL}/messages/${idOf(asked)}/answer`]);
    pratola.answerWith((_, reply) => void reply.writeHead(200).end());
  });
});

describe('5: an answer that another node takes', () => {
  it('5: reaches the consumer that waits at this one', async () => {
    const [ground, pratola, sulmona] = await Promise.all([SHAPES[1][1](), startReceiver(), startReceiver()]);
    const directory = await writeExchangeRegistry({ pratola: pratola.url, sulmona: sulmona.url });
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, PUBLIC_URL };
    const [asker, other] = [await startGateway(env), await startGateway(env)];
    const asking = http(`${asker.url}${ISTANZE}/verifica`, {
      key: KEYS.sulmona,
      body: { valore: 1 },
      headers: { prefer: 'wait=20' },
    });
    const { headers } = await pratola.next();
    const address = (headers['x-replyto'] as string).replace(PUBLIC_URL, other.url);
    expect((await http(address, { key: KEYS.pratola, body: { esito: 'altrove' } })).status).toBe(200);
    expect((await asking).json()).toEqual({ esito: 'altrove' });
    expect(await Promise.all([asker.stop(), other.stop()])).toEqual([0, 0]);
    await Promise.all([ground.stop(), pratola.stop(), sulmona.stop()]);
  }, 120_000);
});
