import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { FAULTS, type FaultCode } from '../../src/message/fault-catalogue.js';
import { LAST_CODE, LIST, writeBadInputRegistry } from '../support/bad-registry.js';
import { http, type HttpAnswer } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, NOTICE_ACTION, NOTICE_TYPE } from '../support/messages.js';
import { DIALECTS, INTERNALS, isDocumented, refusalIn, refusalOf, type Dialect } from '../support/refusals.js';
import { KEYS } from '../support/registry.js';
import { CALLER_CASES, sentTwice } from './bad-input-callers.js';
import { action, REST, SOAP, type Bad, type BadCase } from './bad-input-cases.js';
import { DOCUMENT_CASES } from './bad-input-documents.js';
import { NOT_FROM_OUTSIDE } from './bad-input-elsewhere.js';

const TIMEOUT_MS = 3_000;

describe('bad input, embedded', () => {
  let data: string;
  let registry: string;
  let gateway: RunningGateway;
  const seen = new Set<string>();

  beforeAll(async () => {
    data = await dataDirectory();
    registry = await writeBadInputRegistry();
    gateway = await startGateway({
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_MAX_REQUEST_BYTES: '5000000',
      CROCEVIA_REQUEST_TIMEOUT_MS: String(TIMEOUT_MS),
    });
    const first = await sendAs('rest', { headers: { 'idempotency-key': sentTwice }, body: noticeJson() });
    expect(first.status).toBe(202);
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([data, registry].map((directory) => rm(directory, { recursive: true, force: true })));
  }, 30_000);

  const get = (path: string) => http(`${gateway.url}${path}`, { key: KEYS.sulmona });

  function sendAs(dialect: Dialect, bad: Bad): Promise<HttpAnswer> {
    const version = dialect === 'soap12' ? '1.2' : '1.1';
    const good =
      dialect === 'rest'
        ? { path: REST, body: noticeJson(), headers: { 'content-type': 'application/json' } }
        : { path: SOAP, body: envelope({ version }), headers: action(version, NOTICE_ACTION) };
    const { path, body, headers, key = KEYS.sulmona, method } = { ...good, ...bad };
    return http(`${gateway.url}${path}`, {
      ...(method && { method }),
      ...(key !== null && { key }),
      headers: { ...good.headers, ...headers },
      ...(body !== undefined && { body }),
    });
  }

  function expectRefusal(answer: HttpAnswer, dialect: Dialect, code: FaultCode, status: number): void {
    expect(refusalIn(answer, dialect)).toEqual(refusalOf(dialect, code, status));
    expect(answer.text).not.toMatch(INTERNALS);
    expect(isDocumented(code, status)).toBe(true);
    const media = { rest: 'application/problem+json', soap11: 'text/xml', soap12: 'application/soap+xml' }[dialect];
    expect(answer.headers['content-type']).toContain(media);
    seen.add(code);
  }

  const inDialect = ({ rest = [], soap }: BadCase, dialect: Dialect): readonly Bad[] =>
    dialect === 'rest' ? rest : (soap?.(dialect === 'soap12' ? '1.2' : '1.1') ?? []);

  describe.each(DIALECTS)('%s', (dialect) => {
    const cases = [...CALLER_CASES, ...DOCUMENT_CASES].filter((one) => inDialect(one, dialect).length > 0);

    it.each(cases)('5: $name -> $code', async (one) => {
      for (const bad of inDialect(one, dialect))
        expectRefusal(await sendAs(dialect, bad), dialect, one.code, one.status);
    });

    it('5: one credential sent twice -> credentials-repeated', async () => {
      const headers = ['content-type', dialect === 'soap12' ? 'application/soap+xml' : 'text/xml'];
      const keys = ['x-api-key', KEYS.sulmona, 'x-api-key', KEYS.sulmona];
      const path = dialect === 'rest' ? REST : SOAP;
      const reply = await request(`${gateway.url}${path}`, {
        method: 'POST',
        headers: [...headers, ...keys],
        body: 'x',
      });
      const answer = { status: reply.statusCode, text: await reply.body.text() };
      expect(refusalIn(answer as HttpAnswer, dialect)).toEqual(refusalOf(dialect, 'credentials-repeated', 400));
    });

    it('5: a document with 100,000 errors is answered with the first 100 while others are served', async () => {
      const body = LISTS[dialect];
      // What only the first message of a schema costs is not what is asked here.
      await sendAs(dialect, {});
      const alone = await slowestOf(3, () => sendAs(dialect, {}));
      expect(Buffer.byteLength(body)).toBeGreaterThan(890_000);
      const started = performance.now();
      const big = sendAs(dialect, { ...ADDRESS[dialect], body }).then((answer) => ({
        answer,
        ms: performance.now() - started,
      }));
      const waits = await slowestOf(3, () => sendAs(dialect, {}));
      const { answer, ms } = await big;
      console.log(
        `100,000 errors, ${dialect}: ${Math.round(ms)} ms; meanwhile another took at most ${Math.round(waits)} ms, alone ${Math.round(alone)} ms`,
      );
      expectRefusal(answer, dialect, 'schema-violation', 400);
      expect(countErrors(answer, dialect)).toEqual({ errors: 100, truncated: true });
      expect(ms).toBeLessThan(5_000);
      expect(waits).toBeLessThan(1_000 + 3 * alone);
    });

    it('5: a request that trickles in -> request-timeout', async () => {
      const answer = await trickle(gateway.url, dialect === 'rest' ? REST : SOAP, dialect);
      expectRefusal(answer, dialect, 'request-timeout', 408);
    });
  });

  it('5: 100,000 errors in JSON too', async () => {
    const body = JSON.stringify(Array.from({ length: 100_000 }, () => 'x'));
    const answer = await sendAs('rest', { path: '/rest/c_h166/v1/Elenco/elenchi', body });
    expectRefusal(answer, 'rest', 'schema-violation', 400);
    expect(countErrors(answer, 'rest')).toEqual({ errors: 100, truncated: true });
  });

  it('5: a valid document that costs too much -> validation-timeout', async () => {
    const answer = await sendAs('rest', {
      path: '/rest/c_h166/v1/Elenco/codici',
      headers: { 'content-type': 'application/xml' },
      body: `<codici xmlns="${LIST}">${`<c>${LAST_CODE}</c>`.repeat(150_000)}</codici>`,
    });
    expectRefusal(answer, 'rest', 'validation-timeout', 400);
  });

  it.each([
    ['event-malformed', 400, { 'ce-specversion': '0.3' }, noticeJson()],
    ['event-malformed', 400, { 'ce-source': '' }, noticeJson()],
    ['receiver-unknown', 404, { 'ce-receiver': 'c_x999' }, noticeJson()],
    ['not-authorised', 403, { 'ce-receiver': 'c_h166' }, noticeJson()],
    ['no-subscriber', 422, { 'ce-type': 'it.crocevia.nulla.v1' }, noticeJson()],
    ['sender-mismatch', 403, { 'ce-sender': 'c_h166' }, noticeJson()],
    ['message-id-malformed', 400, { 'ce-id': 'a b' }, noticeJson()],
    ['not-well-formed', 400, {}, '{'],
  ] as const)('5: event -> %s', async (code, status, headers, body) => {
    const attributes = { 'ce-specversion': '1.0', 'ce-type': NOTICE_TYPE, 'ce-source': '/s', 'ce-id': randomUUID() };
    const answer = await sendAs('rest', {
      path: '/messages',
      headers: { ...attributes, ...headers },
      body,
    });
    expectRefusal(answer, 'rest', code, status);
  });

  it('5: look-ups and the box: message-unknown, parameter-wrong, lease-lost, route-unknown', async () => {
    expectRefusal(await get(`/messages/${randomUUID()}`), 'rest', 'message-unknown', 404);
    expectRefusal(await get('/messages'), 'rest', 'parameter-wrong', 400);
    expectRefusal(await get('/box/messages?max=ten'), 'rest', 'parameter-wrong', 400);
    const { messages } = (await http(`${gateway.url}/box/messages?max=1`, { key: KEYS.pratola })).json<{
      messages: { deliveryId: string }[];
    }>();
    const path = `${gateway.url}/box/messages/${messages[0]?.deliveryId}/ack`;
    const lost = await http(path, { key: KEYS.pratola, body: { lease: 'another' } });
    expectRefusal(lost, 'rest', 'lease-lost', 409);
  });

  it('5: questions: question-unknown, parameter-wrong', async () => {
    expectRefusal(await get('/questions'), 'rest', 'question-unknown', 404);
    expectRefusal(await get('/questions?wait=61'), 'rest', 'parameter-wrong', 400);
    const answer = { key: KEYS.pratola, body: {} };
    const path = `${gateway.url}/questions/${randomUUID()}/answer`;
    expectRefusal(await http(path, answer), 'rest', 'question-unknown', 404);
    const headers = { 'x-status': '102' };
    expectRefusal(await http(path, { ...answer, headers }), 'rest', 'parameter-wrong', 400);
  });

  it('5: no refused message was delivered', async () => {
    const { messages } = (await http(`${gateway.url}/box/messages?max=100`, { key: KEYS.pratola })).json<{
      messages: { body: string }[];
    }>();
    for (const { body } of messages) expect(body).not.toMatch(/DECESSO|TRASLOCO|c_h166/);
  });

  it('5: every code that a sender can bring about has been brought about', () => {
    const answering = (Object.keys(FAULTS) as FaultCode[]).filter((code) => FAULTS[code].http !== null);
    const expected = answering.filter((code) => !(code in NOT_FROM_OUTSIDE));
    for (const [code, reason] of Object.entries(NOT_FROM_OUTSIDE)) console.log(`not provoked: ${code}: ${reason}`);
    console.log(`${seen.size} of ${answering.length} codes that answer a request were provoked`);
    expect([...seen].sort()).toEqual(expected.sort());
  });
});

const WRONG = '<n>ab</n>'.repeat(100_000);
const LISTS: Readonly<Record<Dialect, string>> = {
  rest: `<elenco xmlns="${LIST}">${WRONG}</elenco>`,
  soap11: envelope({ body: `<elenco xmlns="${LIST}">${WRONG}</elenco>` }),
  soap12: envelope({ version: '1.2', body: `<elenco xmlns="${LIST}">${WRONG}</elenco>` }),
};
const SOAP_LIST = '/soap/c_h166/v1/Elenco';
const ADDRESS: Readonly<Record<Dialect, Bad>> = {
  rest: { path: '/rest/c_h166/v1/Elenco/elenchi', headers: { 'content-type': 'application/xml' } },
  soap11: { path: SOAP_LIST, headers: action('1.1', 'urn:elenco') },
  soap12: { path: SOAP_LIST, headers: action('1.2', 'urn:elenco') },
};

function countErrors({ text }: HttpAnswer, dialect: Dialect) {
  if (dialect === 'rest') {
    const { errors, truncated } = JSON.parse(text) as { errors: unknown[]; truncated: boolean };
    return { errors: errors.length, truncated };
  }
  return { errors: text.split('<g:violazione>').length - 1, truncated: text.includes('<g:troncato>true<') };
}

/** Milliseconds of the slowest of a number of calls, one after the other; each must be accepted. */
async function slowestOf(count: number, call: () => Promise<HttpAnswer>): Promise<number> {
  let slowest = 0;
  for (let at = 0; at < count; at++) {
    const started = performance.now();
    expect([200, 202]).toContain((await call()).status);
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}

/** Sends a byte every 100 ms until it is answered. */
async function trickle(url: string, path: string, dialect: Dialect): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const type = { rest: 'application/json', soap11: 'text/xml', soap12: 'application/soap+xml' }[dialect];
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${KEYS.sulmona}\r\nContent-Type: ${type}\r\nContent-Length: 5000\r\n\r\n`,
  );
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString())).on('error', () => undefined);
  while (!socket.closed && !text.includes('\r\n\r\n')) {
    if (socket.writable) socket.write(' ');
    await pause(100);
  }
  while (!socket.closed && !/(<\/\w+:Envelope>|\})\s*(0\s*)?$/.test(text)) await pause(20);
  socket.destroy();
  const [head = '', ...body] = text.split('\r\n\r\n');
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1] ?? '']),
  );
  return { status: Number(head.split(' ')[1]), headers, text: body.join('\r\n\r\n') } as HttpAnswer;
}
