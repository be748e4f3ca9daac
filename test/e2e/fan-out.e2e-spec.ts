import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { http, type HttpCall } from '../support/client.js';
import { writeCentres } from '../support/fan-out-registry.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { openLines, type Line, type Lines } from '../support/ndjson.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const MANY = Array.from({ length: 40 }, (_, index) => ({ id: `c_m${String(index).padStart(3, '0')}` }));
const CENTRES = {
  cst_few: [
    { id: 'cst_few' },
    { id: 'c_f1' },
    { id: 'c_f2' },
    { id: 'c_f3', answers: false },
    { id: 'c_none', agreement: null },
    { id: 'c_held', agreement: { status: 'suspended' } },
    { id: 'c_past', agreement: { validUntil: '2020-01-01T00:00:00Z' } },
    { id: 'c_part', agreement: { operations: ['cercaResidenti'] } },
  ],
  cst_many: MANY,
  cst_rate: [
    { id: 'c_r1', agreement: { perMinute: 1 } },
    { id: 'c_r2', agreement: { maxBytes: 1 } },
  ],
};
const AT_ONCE = 16;
const ONE = '/residenti/RSSMRA80A01I804X';
const few = (path = ONE) => `/fanout/cst_few/v1/Residenti${path}`;
const many = (path = ONE) => `/fanout/cst_many/v1/Residenti${path}`;
const TAXES = '/fanout/r_abruzz/v1/PosizioneTributaria/posizioni/consulta';
const example = (name: string) => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');
const envelope = (body: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body.replace(/<\?xml[^>]*\?>\s*/, '')}</e:Body></e:Envelope>`;
const toRegion = (text: string) => text.replaceAll('c_i804', 'r_abruzz');
const ASKED = toRegion(example('richiestaPosizioneTributaria.json'));
const ANSWERED = example('rispostaPosizioneTributaria.json');

/** The code of who was asked, from its address. */
const askedOf = ({ path }: Received) => path.split('/')[2] as string;
const anna = (reply: ServerResponse) =>
  void reply
    .writeHead(200, { 'content-type': 'application/json' })
    .end('{\n  "nome": "Anna\\nRossi",\r\n  "figli": 2\n}');
const providersOf = (lines: readonly Line[]) =>
  lines.flatMap(({ provider }) => (typeof provider === 'string' ? provider : [])).sort();
const lineOf = (lines: readonly Line[], provider: string) => lines.find((line) => line['provider'] === provider);

/** Until it is so; throws after 20 s. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await isSo()); await pause(10))
    if (Date.now() > end) throw new Error('it has not come so far');
}

describe.each(SHAPES)('7: fan-out, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let soap: Receiver;
  let rest: Receiver;
  let begun = 0;

  beforeAll(async () => {
    ground = await lay();
    [soap, rest] = await Promise.all([startReceiver(), startReceiver()]);
    const directory = await writeQueryRegistry({ soap: soap.url, rest: rest.url });
    await writeCentres(directory, rest.url, CENTRES);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([soap.stop(), rest.stop()]);
    await ground.stop();
  }, 60_000);

  beforeEach(() => {
    begun = rest.received.length;
    rest.answerWith((_, reply) => anna(reply));
  });

  const open = (path: string, call: HttpCall = {}): Promise<Lines> =>
    openLines(`${gateway.url}${path}`, { key: KEYS.regione, ...call });
  const all = async (path: string, call: HttpCall = {}) => (await open(path, call)).rest();
  const refusal = async (path: string, call: HttpCall = {}) => {
    const answer = await http(`${gateway.url}${path}`, { key: KEYS.regione, ...call });
    return [answer.status, answer.json<{ code: string }>().code];
  };
  const asked = () => rest.received.slice(begun).map(askedOf);
  /** Answers wait from now on until they are let go, by who was asked. */
  const hold = (isHeld = (_provider: string) => true) => {
    const held = new Map<string, () => void>();
    rest.answerWith((received, reply) => {
      if (!isHeld(askedOf(received))) return anna(reply);
      held.set(askedOf(received), () => anna(reply));
    });
    return held;
  };
  const traced = async (correlationId: string) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const found = await http(`${gateway.url}/admin/messages?limit=100&text=${correlationId}`, { headers });
    return found.json<{ items: { id: string; correlationId: string; state: string; deliveries: unknown[] }[] }>().items;
  };

  it('7: gives each answer as it comes, and the totals last', async () => {
    const held = hold((provider) => provider === 'c_f1');
    const stream = await open(few(), { headers: { accept: 'application/x-ndjson' } });
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const first = await stream.next();
    expect(first).toMatchObject({ outcome: 'asking', providers: 4, deadline: expect.any(String) });
    const early = [await stream.next(), await stream.next(), await stream.next()] as Line[];
    expect(providersOf(early)).toEqual(['c_f2', 'c_f3', 'cst_few']);
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
    expect(rest.received.at(-1)!.headers).not.toHaveProperty('accept');
  });

  it('7: asks who is below, and itself, with whom an agreement covers the operation, and names nobody else', async () => {
    const one = await all(few());
    expect(providersOf(one)).toEqual(['c_f1', 'c_f2', 'c_f3', 'cst_few']);
    expect(asked().sort()).toEqual(['c_f1', 'c_f2', 'cst_few']);
    rest.answerWith(
      (_, reply) => void reply.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[]}'),
    );
    const search = await all(few('/residenti?cognome=Rossi'));
    expect(providersOf(search)).toEqual(['c_f1', 'c_f2', 'c_f3', 'c_part', 'cst_few']);
    expect(lineOf(search, 'c_part')).toMatchObject({ outcome: 'answered', body: { items: [] } });
    const alone = await all(`/fanout/c_f1/v1/Residenti${ONE}`);
    expect(providersOf(alone)).toEqual(['c_f1']);
  });

  it('7: what fails with one is its line, and the others are answered', async () => {
    const answers: Record<string, readonly [number, string, string | Buffer]> = {
      c_f1: [500, 'text/html', '<h1>Errore</h1>'],
      c_f2: [200, 'application/json', '{"nome":7}'],
      cst_few: [404, 'application/problem+json', '{"title":"Assente"}'],
    };
    rest.answerWith((received, reply) => {
      const [status, type, body] = answers[askedOf(received)]!;
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

  it('7: at the deadline each provider without an answer has its line, asked or not', async () => {
    hold();
    const started = performance.now();
    const lines = await all(many(), { headers: { prefer: 'wait=1' } });
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(providersOf(lines)).toEqual(MANY.map(({ id }) => id));
    const codes = lines.slice(1, -1).map(({ fault }) => (fault as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['query-timeout']));
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: 40, answered: 0, failed: 40 });
    expect(asked()).toHaveLength(AT_ONCE);
  });

  it('7: asks so many at once and no more', async () => {
    const held = hold((provider) => provider.startsWith('c_m'));
    const stream = await open(many());
    await until(() => held.size === AT_ONCE);
    expect(await http(`${gateway.url}/rest/c_f1/v1/Residenti${ONE}`, { key: KEYS.regione })).toMatchObject({
      status: 200,
    });
    expect(held.size).toBe(AT_ONCE);
    const [[first, answerFirst]] = held as unknown as [[string, () => void]];
    answerFirst();
    held.delete(first);
    await until(() => held.size === AT_ONCE);
    rest.answerWith((_, reply) => anna(reply));
    for (const answer of held.values()) answer();
    const reading = stream.rest();
    expect((await reading).at(-1)).toMatchObject({ asked: 40, answered: 40, failed: 0 });
  });

  it('7: ends every question when the consumer hangs up, and begins no other', async () => {
    const held = hold();
    const hangUp = new AbortController();
    const stream = await open(many(), { signal: hangUp.signal, headers: { 'x-correlation-id': 'appesa-7' } });
    expect(await stream.next()).toMatchObject({ outcome: 'asking' });
    await until(() => held.size === AT_ONCE);
    hangUp.abort();
    await until(async () => (await traced('appesa-7')).length === AT_ONCE);
    for (const { id } of await traced('appesa-7')) {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const status = await http(`${gateway.url}/admin/messages/${id}`, { headers });
      expect(status.json()).toMatchObject({ state: 'PARTIALLY_FAILED', fault: { code: 'consumer-gone' } });
    }
    rest.answerWith((_, reply) => anna(reply));
    expect(await all(few())).toHaveLength(6);
    for (const answer of held.values()) answer();
    expect(asked().filter((provider) => provider.startsWith('c_m'))).toHaveLength(AT_ONCE);
  });

  it('7: a consumer that does not read lets nothing more begin', async () => {
    const photo = Buffer.alloc(1_500_000, 0xff);
    rest.answerWith((_, reply) => void reply.writeHead(200, { 'content-type': 'image/png' }).end(photo));
    const stream = await open(many(`${ONE}/foto`), { headers: { prefer: 'wait=3' } });
    rest.answerWith((received, reply) => {
      if (askedOf(received).startsWith('c_m')) reply.writeHead(200, { 'content-type': 'image/png' }).end(photo);
    });
    // Nobody answers this one: it comes back after the deadline of the other.
    const clock = await http(`${gateway.url}/rest/c_f1/v1/Residenti${ONE}`, {
      key: KEYS.regione,
      headers: { prefer: 'wait=4' },
    });
    expect(clock.status).toBe(504);
    const before = asked().filter((provider) => provider.startsWith('c_m')).length;
    const lines = await stream.rest();
    const answered = lines.filter(({ outcome }) => outcome === 'answered');
    const [{ body, ...first }] = answered as [Line];
    expect(first).toMatchObject({ contentType: 'image/png', encoding: 'base64' });
    expect(body === photo.toString('base64')).toBe(true);
    expect(answered.length).toBeLessThan(MANY.length);
    expect(answered).toHaveLength(before);
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: MANY.length });
  });

  it('7: a consumer that never reads is cut off, and its place is given back', async () => {
    const photo = Buffer.alloc(1_500_000, 0xff);
    rest.answerWith((_, reply) => void reply.writeHead(200, { 'content-type': 'image/png' }).end(photo));
    const unread = await open(many(`${ONE}/foto`), { headers: { prefer: 'wait=2' } });
    await until(() => asked().length > AT_ONCE);
    const held: ServerResponse[] = [];
    rest.answerWith((received, reply) => {
      if (askedOf(received) === 'c_f1') held.push(reply);
      else reply.writeHead(200, { 'content-type': 'image/png' }).end(photo);
    });
    // Three more take the places of this system that are left.
    const others = await Promise.all([1, 2, 3].map(() => open(few(`${ONE}/foto`))));
    const another = () => http(`${gateway.url}/fanout/c_f2/v1/Residenti${ONE}/foto`, { key: KEYS.regione });
    expect(await another()).toMatchObject({ status: 503 });
    await until(async () => (await another()).status === 200);
    await expect(unread.rest()).rejects.toThrow();
    held.forEach((reply) => void reply.writeHead(200, { 'content-type': 'image/png' }).end(photo));
    for (const stream of others) expect((await stream.rest()).at(-1)).toMatchObject({ answered: 3 });
  });

  it('7: fails an answer that is too long for a line', async () => {
    rest.answerWith((received, reply) => {
      const size = askedOf(received) === 'c_f1' ? 2 * 1024 * 1024 + 1 : 2 * 1024 * 1024;
      reply.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(size));
    });
    const lines = await all(few(`${ONE}/foto`));
    expect(lineOf(lines, 'c_f1')).toMatchObject({ outcome: 'failed', fault: { code: 'receiver-error' } });
    expect(lineOf(lines, 'c_f2')).toMatchObject({ outcome: 'answered' });
  });

  it('7: writes each provider’s own code where the payload names the centre, for SOAP and REST', async () => {
    soap.answerWith(
      (_, reply) =>
        void reply
          .writeHead(200, { 'content-type': 'text/xml' })
          .end(envelope(example('rispostaPosizioneTributaria.xml'))),
    );
    rest.answerWith((_, reply) => void reply.writeHead(200, { 'content-type': 'application/json' }).end(ANSWERED));
    const lines = await all(TAXES, { body: ASKED });
    expect(providersOf(lines)).toEqual(['c_h007', 'c_i804']);
    for (const provider of ['c_h007', 'c_i804'])
      expect(lineOf(lines, provider)).toMatchObject({ outcome: 'answered', body: JSON.parse(ANSWERED) });
    expect(rest.received.at(-1)!.body.toString()).toBe(
      ASKED.replace('r_abruzz"', 'r_abruzz"').replaceAll(/("codiceIpaDestinatario": *)"r_abruzz"/g, '$1"c_h007"'),
    );
    expect(soap.received.at(-1)!.body.toString()).toMatch(/codiceIpaDestinatario>c_i804</);
  });

  it('7: every question has the correlation id, with the provider and in the trace', async () => {
    const stream = await open(few(), { headers: { 'x-correlation-id': 'pratica-7' } });
    expect(stream.headers['x-correlation-id']).toBe('pratica-7');
    const lines = await stream.rest();
    expect(lines[0]).toMatchObject({ correlationId: 'pratica-7' });
    expect(new Set(rest.received.slice(begun).map(({ headers }) => headers['x-correlation-id']))).toEqual(
      new Set(['pratica-7']),
    );
    const ids = lines.slice(1, -1).map(({ id }) => id);
    await until(async () => (await traced('pratica-7')).length === ids.length);
    expect((await traced('pratica-7')).map(({ id }) => id).sort()).toEqual(ids.sort());
    const [own, other] = await Promise.all([open(few()), open(few())]);
    expect(own.headers['x-correlation-id']).not.toBe(other.headers['x-correlation-id']);
    await Promise.all([own.rest(), other.rest()]);
  });

  it('7: holds each agreement to its rate, and to its size, for itself', async () => {
    const path = `/fanout/cst_rate/v1/Residenti${ONE}`;
    expect((await all(path)).at(-1)).toMatchObject({ answered: 2, failed: 0 });
    const again = await all(path);
    expect(lineOf(again, 'c_r1')).toMatchObject({
      outcome: 'failed',
      status: 429,
      fault: { code: 'rate-limited', place: 'agreement', retryable: true },
    });
    expect(lineOf(again, 'c_r2')).toMatchObject({ outcome: 'answered' });
  });

  it('7: refuses a request that is wrong itself before the stream', async () => {
    expect(await refusal(few(), { key: 'regione.wrong' })).toEqual([401, 'credentials-wrong']);
    expect(await refusal('/fanout/cst_ghost/v1/Residenti/residenti/1')).toEqual([404, 'participant-unknown']);
    expect(await refusal('/fanout/cst_few/v1/Nulla/residenti/1')).toEqual([404, 'service-unknown']);
    expect(await refusal('/fanout/c_i804/v1/Residenti/residenti/1')).toEqual([404, 'service-unknown']);
    expect(await refusal('/fanout/cst_few/v1/Residenti/altro')).toEqual([404, 'route-unknown']);
    expect(await refusal('/fanout/cst_few/residenti')).toEqual([404, 'route-unknown']);
    expect(await refusal(few(), { key: KEYS.raiano })).toEqual([403, 'not-authorised']);
    expect(await refusal('/fanout/c_none/v1/Residenti/residenti/1')).toEqual([403, 'not-authorised']);
    expect(await refusal(few('/residenti?cognome=R'))).toEqual([400, 'schema-violation']);
    expect(await refusal(few(), { method: 'DELETE' })).toEqual([422, 'fan-out-unsupported']);
    expect(await refusal(few(), { body: {} })).toEqual([405, 'method-not-allowed']);
    expect(await refusal(TAXES, { body: '{', headers: { 'content-type': 'application/json' } })).toEqual([
      400,
      'not-well-formed',
    ]);
    expect(await refusal(TAXES, { body: {} })).toEqual([400, 'schema-violation']);
    const toOne = JSON.parse(example('richiestaPosizioneTributaria.json')) as object;
    expect(await refusal(TAXES, { body: toOne })).toEqual([400, 'receiver-mismatch']);
    const xml = toRegion(example('richiestaPosizioneTributaria.xml'));
    const inXml = { body: xml, headers: { 'content-type': 'application/xml' } };
    expect(await refusal(TAXES, inXml)).toEqual([422, 'fan-out-unsupported']);
    expect(asked()).toEqual([]);
  });

  it('7: takes so many fan-outs of one system at once, and another when one has ended', async () => {
    const held: ServerResponse[] = [];
    rest.answerWith((received, reply) => (askedOf(received) === 'c_f1' ? void held.push(reply) : anna(reply)));
    const streams = await Promise.all([1, 2, 3, 4].map(() => open(few())));
    expect(await refusal(few())).toEqual([503, 'overloaded']);
    await until(() => held.length === 4);
    held.forEach(anna);
    for (const stream of streams) expect((await stream.rest()).at(-1)).toMatchObject({ answered: 3, failed: 1 });
    rest.answerWith((_, reply) => anna(reply));
    expect((await all(few())).at(-1)).toMatchObject({ answered: 3, failed: 1 });
  });

  it('7: a node that stops asks no more, gives what it has asked a moment, and ends the stream', async () => {
    const held = hold();
    const stream = await open(many());
    await until(() => held.size === AT_ONCE);
    const stopped = gateway.stop();
    await until(() => gateway.logs().includes('gateway.stopping'));
    const [silent, ...others] = held.values();
    for (const answer of others) answer();
    const lines = await stream.rest();
    silent!();
    const outcomes = lines
      .slice(1, -1)
      .map(({ outcome, fault }) => (fault as { code: string } | undefined)?.code ?? outcome);
    expect(outcomes.filter((one) => one === 'answered')).toHaveLength(AT_ONCE - 1);
    expect(outcomes.filter((one) => one === 'stopping')).toHaveLength(MANY.length - AT_ONCE + 1);
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: 40, answered: 15, failed: 25 });
    expect(await stopped).toBe(0);
  });
});
