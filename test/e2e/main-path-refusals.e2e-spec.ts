import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { http } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeElement, noticeJson, SOAP11_HEADERS, SOAP12_HEADERS } from '../support/messages.js';
import { BASIC, KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';

describe.each(SHAPES)('what the main path asks of a sender, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;

  beforeAll(async () => {
    ground = await lay();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      PUBLIC_URL: 'https://porta.example',
    });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await ground.stop();
  }, 60_000);

  const sendRest = (body: object, headers: Record<string, string> = {}) =>
    http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body, headers });
  const sendSoap = (body: string, headers: Record<string, string>) =>
    http(`${gateway.url}${SOAP}`, { key: KEYS.sulmona, body, headers });

  it('5: lets in by HTTP Basic, and nobody without a credential', async () => {
    const basic = await http(`${gateway.url}${REST}`, { body: noticeJson(), headers: { authorization: BASIC } });
    expect(basic.status).toBe(202);
    const nobody = await http(`${gateway.url}${REST}`, { body: noticeJson() });
    expect(nobody.status).toBe(401);
    expect(nobody.headers['www-authenticate']).toMatch(/Basic/);
    expect(nobody.json()).toMatchObject({ code: 'credentials-missing' });
  });

  it.each([
    ['GET', REST, 405, 'POST'],
    ['PUT', REST, 405, 'POST'],
    ['DELETE', REST, 405, 'POST'],
    ['GET', SOAP, 405, 'POST'],
    ['PUT', SOAP, 405, 'POST'],
    ['GET', '/rest/r_abruzz/v1/VariazioneAnagrafica', 404, undefined],
  ] as const)('5: %s %s is %i, and tells the methods that exist', async (method, path, status, allow) => {
    const answer = await http(`${gateway.url}${path}`, { method, key: KEYS.sulmona });
    expect([answer.status, answer.headers['allow']]).toEqual([status, allow]);
  });

  it('5: lists every schema error with path, line and expectation, in JSON and in SOAP', async () => {
    const wrong = { ...noticeJson(), tipoVariazione: 'TRASLOCO' };
    const rest = await sendRest(wrong);
    expect(rest.status).toBe(400);
    expect(rest.headers['content-type']).toContain('application/problem+json');
    expect(rest.json()).toMatchObject({
      code: 'schema-violation',
      blame: 'sender',
      retryable: false,
      errors: [{ path: '/tipoVariazione', rule: 'enum' }],
    });
    const soap = await sendSoap(
      envelope({ body: noticeElement().replace('RSSMRA80A01I804K', 'rssmra80a01i804k') }),
      SOAP11_HEADERS,
    );
    expect(soap.status).toBe(500);
    expect(soap.text).toMatch(/faultcode>[a-zA-Z]*:?Client</);
    expect(soap.text).toMatch(
      /schema-violation[^]*\/Envelope\/Body\/notificaVariazioneAnagrafica\/generalita\/codiceFiscale/,
    );
    const soap12 = await sendSoap(
      envelope({ version: '1.2', body: noticeElement().replace('RSSMRA80A01I804K', 'x') }),
      SOAP12_HEADERS,
    );
    expect(soap12.status).toBe(400);
    expect(soap12.text).toMatch(/:Sender</);
  });

  it('5: refuses a sender that is not the caller and a caller without an agreement', async () => {
    const spoofed = {
      ...noticeJson(),
      testata: { ...(noticeJson()['testata'] as object), codiceIpaMittente: 'c_h007' },
    };
    const mismatch = await sendRest(spoofed);
    expect(mismatch.status).toBe(403);
    expect(mismatch.json()).toMatchObject({ code: 'sender-mismatch' });
    const stranger = await http(`${gateway.url}${REST}`, { key: KEYS.raiano, body: noticeJson() });
    expect(stranger.status).toBe(403);
    expect(stranger.json()).toMatchObject({ code: 'not-authorised' });
  });

  it('6: records a refused message, and its id can be used again', async () => {
    const key = randomUUID();
    const refused = await sendRest({ ...noticeJson(), tipoVariazione: 'TRASLOCO' }, { 'idempotency-key': key });
    const id = refused.json<{ instance: string }>().instance.split('/').at(-1) as string;
    const status = await http(`${gateway.url}/messages/${id}`, { key: KEYS.sulmona });
    expect(status.json()).toMatchObject({
      state: 'REJECTED',
      fault: { code: 'schema-violation' },
      receipts: [{ kind: 'refused' }],
    });
    expect((await sendRest(noticeJson(), { 'idempotency-key': key })).status).toBe(202);
  });

  it('4: serves the published interfaces with PUBLIC_URL in them, whatever the Host header says', async () => {
    const wsdl = await http(`${gateway.url}${SOAP}?wsdl`, { headers: { host: 'evil.example' } });
    expect(wsdl.status).toBe(200);
    expect(wsdl.text).toContain('location="https://porta.example/soap/c_h007/v1/VariazioneAnagrafica"');
    expect(wsdl.text).not.toContain('evil.example');
    const imports = [...wsdl.text.matchAll(/schemaLocation="https:\/\/porta\.example([^"]+)"/g)].map(([, path]) =>
      path?.replaceAll('&amp;', '&'),
    );
    expect(imports.length).toBeGreaterThan(0);
    for (const path of imports) expect((await http(`${gateway.url}${path}`)).text).toContain('schema');
    const openapi = await http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/openapi.yaml`);
    expect(openapi.text).toContain('https://porta.example/rest/r_abruzz/v1/VariazioneAnagrafica');
  });

  it('4: answers an address that nobody serves, and an operator without a token, with problem+json', async () => {
    for (const [path, status] of [
      ['/nowhere', 404],
      ['/soap/c_h007/v9/VariazioneAnagrafica?wsdl', 404],
      ['/admin/messages', 401],
    ] as const) {
      const answer = await http(`${gateway.url}${path}`);
      expect([answer.status, answer.headers['content-type']?.split(';')[0]]).toEqual([
        status,
        'application/problem+json',
      ]);
    }
  });

  it('4: requires a message id where the agreement filters duplicates', async () => {
    const inoltro = readFileSync('schemas/protocollo/1.0/examples/inoltroProtocollo.json', 'utf8');
    const body = JSON.parse(inoltro) as { testata: Record<string, string> };
    body.testata = { ...body.testata, codiceIpaMittente: 'c_i804', codiceIpaDestinatario: 'c_h007' };
    const answer = await http(`${gateway.url}/rest/c_h007/v1/InoltroProtocollo/inoltri`, { key: KEYS.sulmona, body });
    expect(answer.json()).toMatchObject({ status: 400, code: 'message-id-missing' });
    const made = await sendRest(noticeJson());
    expect(made.json<{ messageId: string }>().messageId).toMatch(/^urn:uuid:/);
  });
});
