import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { login } from '../support/amqp-provider.js';
import { amqpSystem, loginUrl, type AmqpSystem } from '../support/amqp-system.js';
import { startGateway } from '../support/gateway.js';
import {
  ANNA,
  header,
  PRATOLA,
  PUBLIC_URL,
  queryAmqpStage,
  questionIdOf,
  RESIDENTE,
  SETTINGS,
  TIMEOUT_MS,
} from '../support/query-amqp-stage.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, codeOf, eventsOf } from '../support/query-stage.js';
import { embedded, standard } from '../support/shapes.js';
import {
  ANSWERED,
  ANSWERED_JSON,
  ASKED,
  ASKED_JSON,
  askedJsonOf,
  askedOf,
  envelope,
  SOAP_HEADERS,
} from '../support/tax-query.js';
import { until } from '../support/until.js';

describe('1: a provider that consumes its questions from RabbitMQ', () => {
  const stage = queryAmqpStage(standard);
  const ask = asker(stage);
  /** Answers that either node has refused with this code. */
  const refused = (code: string) =>
    [stage.gateway, stage.other].flatMap(
      (node) => node.logs().match(new RegExp(`"code":"${code}"[^\\n]*query\\.answer-refused`, 'g')) ?? [],
    ).length;

  it('1: puts a REST question into the queue with all that was asked, and gives the answer back', async () => {
    const asked = ask(`${RESIDENTE}/RSSMRA%2080%C3%A0`, {
      method: 'PUT',
      body: ANNA,
      headers: { 'if-match': '"3"', 'x-correlation-id': 'pratica-1', cookie: 'a=b' },
    });
    const question = await stage.pratola.next();
    const id = questionIdOf(question);
    expect(JSON.parse(question.content.toString())).toEqual(ANNA);
    expect(question.properties).toMatchObject({
      contentType: 'application/json',
      correlationId: id,
      replyTo: expect.stringMatching(/^pratola\.sistema\.[0-9a-f-]{36}$/),
      headers: {
        'x-question-id': id,
        'x-method': 'PUT',
        'x-path': '/residenti/RSSMRA%2080%C3%A0',
        'x-service': 'Residenti',
        'x-version': '1',
        'x-operation': 'scriviResidente',
        'x-sender': 'r_abruzz',
        'x-message-id': expect.any(String),
        'x-correlation-id': 'pratica-1',
        'x-header-if-match': '"3"',
      },
    });
    expect(question.properties.headers).not.toHaveProperty('x-header-cookie');
    const left = Date.parse(String(header(question, 'x-deadline'))) - Date.now();
    expect(left).toBeLessThanOrEqual(TIMEOUT_MS);
    expect(Number(question.properties.expiration)).toBeLessThanOrEqual(TIMEOUT_MS);
    await stage.pratola.answer(question, { headers: { 'x-status': '204', 'x-header-etag': '"4"' } });
    const answer = await asked;
    expect([answer.status, answer.headers['etag'], answer.headers['x-gateway-id']]).toEqual([204, '"4"', id]);
    expect(await eventsOf(stage.gateway, id)).toEqual(['query.asked', 'query.answered']);
  });

  it('1: puts path and parameters, and holds the answer against the interface', async () => {
    const one = ask(`${RESIDENTE}?cognome=Rossi&limite=10`);
    const read = await stage.pratola.next();
    expect([header(read, 'x-method'), header(read, 'x-path'), read.content.length]).toEqual([
      'GET',
      '/residenti?cognome=Rossi&limite=10',
      0,
    ]);
    await stage.pratola.answer(read, { body: { items: [{ eta: 1 }] } });
    expect(codeOf(await one)).toEqual([502, 'answer-invalid']);
    const failing = ask(`${RESIDENTE}/1`);
    const body = '{"title":"Assente","status":404}';
    const failed = { body, contentType: 'application/problem+json', headers: { 'x-status': '404' } };
    await stage.pratola.answer(await stage.pratola.next(), failed);
    expect(await failing).toMatchObject({ status: 404, text: body });
    const moved = ask(`${RESIDENTE}/1`);
    await stage.pratola.answer(await stage.pratola.next(), {
      body: ANNA,
      headers: { 'x-header-location': '/residenti/2', 'x-header-etag': '"1\r\n€"' },
    });
    expect((await moved).headers).toMatchObject({
      location: `${PUBLIC_URL}${RESIDENTE}/2`,
      etag: '"1%0D%0A%E2%82%AC"',
    });
    const strange = ask(`${RESIDENTE}/1`);
    await stage.pratola.answer(await stage.pratola.next(), { body: ANNA, headers: { 'x-status': 'fine' } });
    expect((await strange).json()).toMatchObject({ code: 'answer-invalid', place: 'x-status' });
  });

  it('1: asks a SOAP provider over SOAP, and converts between the protocols', async () => {
    const soap = { body: envelope(ASKED), headers: SOAP_HEADERS };
    const asked = ask('/soap/c_i804/v1/PosizioneTributaria', soap);
    const question = await stage.sulmona.next();
    expect([header(question, 'soapaction'), header(question, 'x-method'), header(question, 'x-path')]).toEqual([
      SOAP_HEADERS.soapaction,
      'POST',
      '',
    ]);
    expect(question.content.toString()).toBe(envelope(ASKED));
    await stage.sulmona.answer(question, { body: envelope(ANSWERED), contentType: 'text/xml' });
    expect(await asked).toMatchObject({ status: 200, text: envelope(ANSWERED) });

    const inJson = ask('/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta', { body: ASKED_JSON });
    const asSoap = await stage.sulmona.next();
    expect(asSoap.content.toString()).toMatch(/Envelope[^]*richiestaPosizioneTributaria/);
    await stage.sulmona.answer(asSoap, { body: envelope(ANSWERED), contentType: 'text/xml' });
    expect((await inJson).json()).toEqual(ANSWERED_JSON);

    const inSoap = ask('/soap/c_h007/v1/PosizioneTributaria', {
      ...soap,
      body: envelope(askedOf('c_h007')),
    });
    const asRest = await stage.pratola.next();
    expect([header(asRest, 'x-path'), JSON.parse(asRest.content.toString())]).toEqual([
      '/posizioni/consulta',
      askedJsonOf('c_h007'),
    ]);
    await stage.pratola.answer(asRest, { body: ANSWERED_JSON });
    expect(await inSoap).toMatchObject({ status: 200, text: expect.stringMatching(/Envelope[^]*380\.00/) });
  });

  it('1: 4: no other user reads or answers a question, by whatever address', async () => {
    const foreign: AmqpSystem = await amqpSystem(stage.amqpUrl, stage.grants.sulmona);
    const guest = await login(stage.amqpUrl, { ...stage.grants.pratola, username: 'guest', password: 'guest' });
    const forger = await guest.createConfirmChannel();
    const asked = ask(`${RESIDENTE}/1`);
    const question = await stage.pratola.next();
    const { replyTo, correlationId } = question.properties as { replyTo: string; correlationId: string };
    expect(await foreign.refusalOf((channel) => channel.get(`crocevia.ask.${PRATOLA}`))).toMatch(/ACCESS_REFUSED/);
    const falsa = Buffer.from('{"nome":"Falsa"}');
    const properties = { correlationId, contentType: 'application/json' };
    const toPratola = { ...properties, userId: 'sulmona-mq' };
    expect(
      await foreign.refusalOf((channel) => void channel.publish('crocevia.answers', replyTo, falsa, toPratola)),
    ).toMatch(/ACCESS_REFUSED/);
    // Whom RabbitMQ lets in, and who says nothing of himself.
    forger.publish('crocevia.answers', replyTo, falsa, { ...properties, userId: 'guest' });
    await stage.refusedWith('sender-mismatch');
    forger.publish('crocevia.answers', replyTo, falsa, properties);
    await stage.refusedWith('credentials-missing');
    // Sulmona at its own address, with the id of Pratola's question.
    const own = replyTo.replace(PRATOLA, 'sulmona.sistema');
    await stage.sulmona.answer(question, { body: { nome: 'Falsa' }, routingKey: own });
    await stage.refusedWith('question-unknown');
    // And where RabbitMQ copies to addresses that it does not hold against the user's permissions.
    const before = refused('question-unknown');
    const copied = { CC: [replyTo], BCC: [replyTo, '#'] };
    const nowhere = `sulmona.sistema.${randomUUID()}`;
    await stage.sulmona.answer(question, { body: { nome: 'Falsa' }, routingKey: nowhere, properties: copied });
    await until(() => refused('question-unknown') > before);
    await stage.pratola.answer(question, { body: ANNA });
    expect((await asked).json()).toEqual(ANNA);
    await Promise.all([foreign.stop(), guest.close()]);
  });

  it('1: takes the first answer and drops a repeated one', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const question = await stage.pratola.next();
    await stage.pratola.answer(question, { body: ANNA });
    await stage.pratola.answer(question, { body: { nome: 'Bruno' } });
    expect((await asked).json()).toEqual(ANNA);
    // What comes after it has been read tells that it was read too.
    await stage.pratola.answer(question, { body: ANNA, properties: { correlationId: 'nessuna' } });
    await stage.refusedWith('question-unknown');
    expect(await eventsOf(stage.gateway, questionIdOf(question))).toEqual(['query.asked', 'query.answered']);
  });

  it('1: answers questions of two nodes, each at the node that holds it', async () => {
    const addresses = new Set<unknown>();
    for (const turn of Array.from({ length: 12 }, (_, index) => index)) {
      const asked = asker({ gateway: turn % 2 === 0 ? stage.gateway : stage.other })(`${RESIDENTE}/${turn}`);
      const question = await stage.pratola.next();
      addresses.add(question.properties.replyTo);
      await stage.pratola.answer(question, { body: { nome: `n${turn}` } });
      expect((await asked).json()).toEqual({ nome: `n${turn}` });
    }
    expect(addresses.size).toBe(2);
  });

  it('1: the provider of the documentation answers', async () => {
    await stage.stopPratola();
    const text = readFileSync('docs/protocols/questions.md', 'utf8');
    const program = /```js\n([^]*?)```/.exec(text)![1]!;
    const AMQP_URL = loginUrl(stage.amqpUrl, stage.grants.pratola);
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { AMQP_URL },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    let answer = await ask(`${RESIDENTE}/7`);
    while (answer.status === 503 && child.exitCode === null) answer = await ask(`${RESIDENTE}/7`);
    expect(answer.json()).toEqual({ nome: 'Residente 7' });
    child.kill();
    await once(child, 'exit');
  });
});

describe('1: a provider that would consume its questions, embedded', () => {
  it('1: refuses the question, because there is no RabbitMQ', async () => {
    const ground = await embedded();
    const directory = await writeQueryRegistry(SETTINGS);
    const gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    const answer = await asker({ gateway })(`${RESIDENTE}/1`);
    expect(answer.json()).toMatchObject({
      code: 'destination-missing',
      detail: 'System pratola.sistema takes its questions by AMQP, and this gateway runs without RabbitMQ.',
    });
    expect(await gateway.stop()).toBe(0);
    await ground.stop();
  }, 60_000);
});
