import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ConsumeMessage, Replies } from 'amqplib';
import { amqpProvider, login, type AmqpProvider } from '../support/amqp-provider.js';
import { amqpSystem, grant, type AmqpSystem, type Grant } from '../support/amqp-system.js';
import { http, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';

const example = (name: string) => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');
const envelope = (body: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body.replace(/<\?xml[^>]*\?>\s*/, '')}</e:Body></e:Envelope>`;
const ASKED = example('richiestaPosizioneTributaria.xml');
const ASKED_JSON = JSON.parse(example('richiestaPosizioneTributaria.json')) as object;
const ANSWERED = example('rispostaPosizioneTributaria.xml');
const ANSWERED_JSON = JSON.parse(example('rispostaPosizioneTributaria.json')) as object;
const ACTION = '"https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria"';
const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti';
const TIMEOUT_MS = 2_000;
const SETTINGS = {
  soap: null,
  rest: null,
  by: 'amqp' as const,
  timeoutMs: TIMEOUT_MS,
  answers: { concurrency: 2, waiting: 2 },
};
const ANNA = { nome: 'Anna' };
const PRATOLA = 'pratola.sistema';

const header = ({ properties }: ConsumeMessage, name: string) => properties.headers?.[name] as unknown;
const idOf = (question: ConsumeMessage) => String(question.properties.messageId);
const code = (answer: HttpAnswer) => [answer.status, answer.json<{ code: string }>().code];
const asking =
  ({ url }: RunningGateway) =>
  (path: string, call: HttpCall = {}) =>
    http(`${url}${path}`, { key: KEYS.regione, ...call });

describe('1: a provider that consumes its questions from RabbitMQ', () => {
  let postgres: PrivatePostgres;
  let rabbit: Rabbit;
  let gateway: RunningGateway;
  let other: RunningGateway;
  let grants: { readonly pratola: Grant; readonly sulmona: Grant };
  let pratola: AmqpProvider;
  let sulmona: AmqpProvider;
  let ask: ReturnType<typeof asking>;

  beforeAll(async () => {
    [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
    const env = {
      DATABASE_URL: postgres.url,
      AMQP_URL: rabbit.url,
      AMQP_MANAGEMENT_URL: rabbit.managementUrl,
      CROCEVIA_REGISTRY_DIR: await writeQueryRegistry(SETTINGS),
      PUBLIC_URL: 'https://porta.example',
    };
    gateway = await startGateway(env);
    other = await startGateway(env);
    grants = { pratola: await grant(gateway.url, PRATOLA), sulmona: await grant(gateway.url, 'sulmona.sistema') };
    ask = asking(gateway);
  }, 150_000);

  beforeEach(async () => {
    pratola = await amqpProvider(rabbit.url, grants.pratola);
    sulmona = await amqpProvider(rabbit.url, grants.sulmona);
  });

  // RabbitMQ may hand a question to a consumer whose connection has just ended.
  afterEach(async () => {
    await Promise.all([pratola.stop(), sulmona.stop()]);
    await queueWhen(({ consumerCount }) => consumerCount === 0);
  });

  afterAll(async () => {
    expect([await gateway.stop(), await other.stop()]).toEqual([0, 0]);
    await Promise.all([postgres.stop(), rabbit.stop()]);
  }, 60_000);

  const eventsOf = async (id: string) => {
    await statusWhen(gateway.url, id, () => true);
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const told = await http(`${gateway.url}/admin/messages/${id}/timeline`, { headers });
    return told.json<{ entries: { event: string }[] }>().entries.map(({ event }) => event);
  };
  /** Which of the nodes hands a question over is RabbitMQ's choice. */
  const refusedAnswers = () =>
    [gateway, other].flatMap((node) => [...node.logs().matchAll(/"code":"([a-z-]+)"[^\n]*query\.answer-refused/g)]);
  const refusedWith = async (wanted: string) => {
    while (!refusedAnswers().some(([, found]) => found === wanted))
      await new Promise((resolve) => setImmediate(resolve));
  };
  /** Waits until the queue is as wanted, by what RabbitMQ says of it. */
  const queueWhen = async (wanted: (queue: Replies.AssertQueue) => boolean) => {
    const connection = await login(rabbit.url, { ...grants.pratola, username: 'guest', password: 'guest' });
    const channel = await connection.createChannel();
    while (!wanted(await channel.checkQueue(`crocevia.ask.${PRATOLA}`))) continue;
    await connection.close();
  };

  it('1: puts a REST question into the queue with all that was asked, and gives the answer back', async () => {
    const asked = ask(`${RESIDENTE}/RSSMRA%2080%C3%A0`, {
      method: 'PUT',
      body: ANNA,
      headers: { 'if-match': '"3"', 'x-correlation-id': 'pratica-1', cookie: 'a=b' },
    });
    const question = await pratola.next();
    const id = idOf(question);
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
    await pratola.answer(question, { headers: { 'x-status': '204', 'x-header-etag': '"4"' } });
    const answer = await asked;
    expect([answer.status, answer.headers['etag'], answer.headers['x-gateway-id']]).toEqual([204, '"4"', id]);
    expect(await eventsOf(id)).toEqual(['query.asked', 'query.answered']);
  });

  it('1: puts path and parameters, and holds the answer against the interface', async () => {
    const one = ask(`${RESIDENTE}?cognome=Rossi&limite=10`);
    const read = await pratola.next();
    expect([header(read, 'x-method'), header(read, 'x-path'), read.content.length]).toEqual([
      'GET',
      '/residenti?cognome=Rossi&limite=10',
      0,
    ]);
    await pratola.answer(read, { body: { items: [{ eta: 1 }] } });
    expect(code(await one)).toEqual([502, 'answer-invalid']);
    const failing = ask(`${RESIDENTE}/1`);
    const body = '{"title":"Assente","status":404}';
    const failed = { body, contentType: 'application/problem+json', headers: { 'x-status': '404' } };
    await pratola.answer(await pratola.next(), failed);
    expect(await failing).toMatchObject({ status: 404, text: body });
    const moved = ask(`${RESIDENTE}/1`);
    await pratola.answer(await pratola.next(), { body: ANNA, headers: { 'x-header-location': '/residenti/2' } });
    expect((await moved).headers['location']).toBe('https://porta.example/rest/c_h007/v1/Residenti/residenti/2');
    const strange = ask(`${RESIDENTE}/1`);
    await pratola.answer(await pratola.next(), { body: ANNA, headers: { 'x-status': 'fine' } });
    expect((await strange).json()).toMatchObject({ code: 'answer-invalid', place: 'x-status' });
  });

  it('1: asks a SOAP provider over SOAP, and converts between the protocols', async () => {
    const soap = { body: envelope(ASKED), headers: { 'content-type': 'text/xml', soapaction: ACTION } };
    const asked = ask('/soap/c_i804/v1/PosizioneTributaria', soap);
    const question = await sulmona.next();
    expect([header(question, 'soapaction'), header(question, 'x-method'), header(question, 'x-path')]).toEqual([
      ACTION,
      'POST',
      '',
    ]);
    expect(question.content.toString()).toBe(envelope(ASKED));
    await sulmona.answer(question, { body: envelope(ANSWERED), contentType: 'text/xml' });
    expect(await asked).toMatchObject({ status: 200, text: envelope(ANSWERED) });

    const inJson = ask('/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta', { body: ASKED_JSON });
    const asSoap = await sulmona.next();
    expect(asSoap.content.toString()).toMatch(/Envelope[^]*richiestaPosizioneTributaria/);
    await sulmona.answer(asSoap, { body: envelope(ANSWERED), contentType: 'text/xml' });
    expect((await inJson).json()).toEqual(ANSWERED_JSON);

    const inSoap = ask('/soap/c_h007/v1/PosizioneTributaria', {
      ...soap,
      body: soap.body.replaceAll('c_i804', 'c_h007'),
    });
    const asRest = await pratola.next();
    expect([header(asRest, 'x-path'), JSON.parse(asRest.content.toString())]).toEqual([
      '/posizioni/consulta',
      JSON.parse(JSON.stringify(ASKED_JSON).replaceAll('c_i804', 'c_h007')),
    ]);
    await pratola.answer(asRest, { body: ANSWERED_JSON });
    expect(await inSoap).toMatchObject({ status: 200, text: expect.stringMatching(/Envelope[^]*380\.00/) });
  });

  it('1: no other user reads or answers a question', async () => {
    const foreign: AmqpSystem = await amqpSystem(rabbit.url, grants.sulmona);
    const guest = await login(rabbit.url, { ...grants.pratola, username: 'guest', password: 'guest' });
    const forger = await guest.createConfirmChannel();
    const asked = ask(`${RESIDENTE}/1`);
    const question = await pratola.next();
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
    await refusedWith('sender-mismatch');
    forger.publish('crocevia.answers', replyTo, falsa, properties);
    await refusedWith('credentials-missing');
    // Sulmona at its own address, with the id of Pratola's question.
    const own = replyTo.replace(PRATOLA, 'sulmona.sistema');
    await sulmona.answer(question, { body: { nome: 'Falsa' }, routingKey: own });
    await refusedWith('question-unknown');
    await pratola.answer(question, { body: ANNA });
    expect((await asked).json()).toEqual(ANNA);
    await Promise.all([foreign.stop(), guest.close()]);
  });

  it('1: takes the first answer and drops a repeated one', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const question = await pratola.next();
    await pratola.answer(question, { body: ANNA });
    await pratola.answer(question, { body: { nome: 'Bruno' } });
    expect((await asked).json()).toEqual(ANNA);
    // What comes after it has been read tells that it was read too.
    await pratola.answer(question, { body: ANNA, properties: { correlationId: 'nessuna' } });
    await refusedWith('question-unknown');
    expect(await eventsOf(idOf(question))).toEqual(['query.asked', 'query.answered']);
  });

  it('1: a late answer is written down once', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const question = await pratola.next();
    expect(code(await asked)).toEqual([504, 'query-timeout']);
    await pratola.answer(question, { body: ANNA });
    await pratola.answer(question, { body: ANNA });
    await refusedWith('question-expired');
    let events = await eventsOf(idOf(question));
    while (events.length < 3) events = await eventsOf(idOf(question));
    // Two nodes write behind, each in its own time.
    expect(events.sort()).toEqual(['query.asked', 'query.failed', 'query.late']);
  });

  it('1: a question leaves the queue at its deadline, and what is over the bounds is refused at once', async () => {
    await pratola.stop();
    const busy = await login(rabbit.url, grants.pratola);
    const channel = await busy.createChannel();
    await channel.prefetch(1);
    const came: string[] = [];
    await channel.consume(`crocevia.ask.${PRATOLA}`, (message) => void came.push(idOf(message as ConsumeMessage)));
    const took: number[] = [];
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const answer = await ask(`${RESIDENTE}/1`);
        if (answer.status === 503) took.push(performance.now() - started);
        return answer;
      }),
    );
    const codes = answers.map((answer) => answer.json<{ code: string }>().code);
    expect(new Set(codes)).toEqual(new Set(['receiver-overloaded', 'query-timeout']));
    expect(Math.max(...took)).toBeLessThan(TIMEOUT_MS / 2);
    expect(came).toHaveLength(1);
    await queueWhen(({ messageCount }) => messageCount === 0);
    await busy.close();
  });

  it('1: a consumer that dies with a question lets it time out; nobody else gets it', async () => {
    await pratola.stop();
    await queueWhen(({ consumerCount }) => consumerCount === 0);
    const dying = await login(rabbit.url, grants.pratola);
    const channel = await dying.createChannel();
    let asked: ReturnType<typeof ask>;
    await new Promise((resolve) => {
      void channel.consume(`crocevia.ask.${PRATOLA}`, resolve).then(() => (asked = ask(`${RESIDENTE}/1`)));
    });
    await dying.close();
    await queueWhen(({ consumerCount }) => consumerCount === 0);
    pratola = await amqpProvider(rabbit.url, grants.pratola);
    expect(code(await asked!)).toEqual([504, 'query-timeout']);
    const again = ask(`${RESIDENTE}/2`);
    const question = await pratola.next();
    expect([header(question, 'x-path'), pratola.questions.messages.length]).toEqual(['/residenti/2', 1]);
    await pratola.answer(question, { body: ANNA });
    expect((await again).status).toBe(200);
  });

  it('1: refuses at once while nobody consumes', async () => {
    await pratola.stop();
    await queueWhen(({ consumerCount }) => consumerCount === 0);
    const started = performance.now();
    const answer = await ask(`${RESIDENTE}/1`);
    expect(answer.json()).toMatchObject({
      code: 'receiver-overloaded',
      detail: expect.stringContaining('No consumer'),
    });
    expect(answer.headers['retry-after']).toBe('5');
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS / 2);
  });

  it('1: answers questions of two nodes, each at the node that holds it', async () => {
    const addresses = new Set<unknown>();
    for (const turn of Array.from({ length: 12 }, (_, index) => index)) {
      const asked = asking(turn % 2 === 0 ? gateway : other)(`${RESIDENTE}/${turn}`);
      const question = await pratola.next();
      addresses.add(question.properties.replyTo);
      await pratola.answer(question, { body: { nome: `n${turn}` } });
      expect((await asked).json()).toEqual({ nome: `n${turn}` });
    }
    expect(addresses.size).toBe(2);
  });

  it('1: the provider of the documentation answers', async () => {
    await pratola.stop();
    await queueWhen(({ consumerCount }) => consumerCount === 0);
    const text = readFileSync('docs/protocols/questions.md', 'utf8');
    const program = /```js\n([^]*?)```/.exec(text)![1]!;
    const { username, password } = grants.pratola;
    const AMQP_URL = `amqp://${username}:${encodeURIComponent(password)}@${new URL(rabbit.url).host}`;
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

  it('1: a restart of RabbitMQ ends what is under way, and questions go on after it', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const held = await pratola.next();
    const restarted = rabbit.restart();
    expect(code(await asked)).toEqual([503, 'broker-unavailable']);
    await restarted;
    pratola = await amqpProvider(rabbit.url, grants.pratola);
    await pratola.answer(held, { body: ANNA });
    const next = pratola.next().then((question) => pratola.answer(question, { body: { nome: 'Dopo' } }));
    let answer = await ask(`${RESIDENTE}/2`);
    while (answer.status === 503) answer = await ask(`${RESIDENTE}/2`);
    expect(answer.json()).toEqual({ nome: 'Dopo' });
    await next;
  }, 120_000);
});

describe('1: a provider that would consume its questions, embedded', () => {
  it('1: refuses the question, because there is no RabbitMQ', async () => {
    const ground = await SHAPES[0][1]();
    const directory = await writeQueryRegistry(SETTINGS);
    const gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    const answer = await asking(gateway)(`${RESIDENTE}/1`);
    expect(answer.json()).toMatchObject({
      code: 'destination-missing',
      detail: 'System pratola.sistema takes its questions by AMQP, and this gateway runs without RabbitMQ.',
    });
    expect(await gateway.stop()).toBe(0);
    await ground.stop();
  }, 60_000);
});
