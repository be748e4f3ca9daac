import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { http, statusWhen, type HttpAnswer } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { CERTIFICATI_NS, writePollingRegistry } from '../support/polling-registry.js';
import { freePort } from '../support/ports.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { hasZeep, PYTHON } from '../support/zeep.js';
import {
  VERSIONS,
  type Version,
  envelope,
  element,
  correlation,
  relatesTo,
  messageId,
  ASKED,
  STATUS,
  RESULT,
  CERTIFICATE,
  idOf,
  to,
  told,
  faultIn,
} from '../support/soap-polling.js';

describe.each(SHAPES)('SOAP messages that are polled, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([lay(), startReceiver()]);
    const directory = await writePollingRegistry(pratola.url);
    const port = String(await freePort());
    const own = { CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
    gateway = await startGateway({ ...ground.env, ...own });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop()]);
  }, 60_000);

  interface Ask {
    readonly header?: string;
    readonly version?: Version;
    readonly at?: string;
    readonly key?: string;
  }
  const ask = (body: string, { header = '', version = '1.1', at = 'c_h007/v1/Certificati', key }: Ask = {}) =>
    http(`${gateway.url}/soap/${at}`, {
      key: key ?? KEYS.sulmona,
      body: envelope(version, body, header),
      headers: { 'content-type': VERSIONS[version].type },
    });
  /** What the provider answers, at the address that came with the delivery. */
  const answer = (address: string, body: string, version: Version = '1.1', key: string = KEYS.pratola) =>
    http(address, {
      method: 'POST',
      key,
      body: envelope(version, body),
      headers: { 'content-type': VERSIONS[version].type },
    });
  const replyTo = async (asked: HttpAnswer) => (await pratola.next(to(idOf(asked)))).headers['x-replyto'] as string;
  /** The id that the answer to the request holds in its header block. */
  const correlationOf = ({ text }: HttpAnswer) =>
    new RegExp(`X-Correlation-ID xmlns:m="${CERTIFICATI_NS}">([^<]*)<`).exec(text)?.[1] as string;

  it.each(['1.1', '1.2'] as const)(
    '7.16: in maintenance a new message over SOAP %s is refused, what was accepted is followed and answered',
    async (version) => {
      const asked = await ask(ASKED, { version });
      const given = { version, header: correlation(correlationOf(asked)) };
      const address = await replyTo(asked);
      const maintenance = (method: 'PUT' | 'DELETE') =>
        http(`${gateway.url}/admin/maintenance?reason=x`, {
          method,
          headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        });
      await maintenance('PUT');
      const refused = await ask(ASKED, { version });
      expect([faultIn(refused)[0], faultIn(refused)[2]]).toEqual([503, 'maintenance']);
      expect(told(await ask(STATUS, given))?.[0]).toBe('processing');
      expect((await answer(address, CERTIFICATE, version)).status).toBeLessThan(300);
      expect((await ask(RESULT, given)).text).toContain('Certificato di residenza');
      await maintenance('DELETE');
    },
  );

  it.each(['1.1', '1.2'] as const)(
    '4: NONBLOCK_PULL over SOAP %s: accepted, processing, done, the result',
    async (version) => {
      const asked = await ask(ASKED, { version });
      const id = correlationOf(asked);
      expect([asked.status, told(asked), asked.headers['x-correlation-id']]).toEqual([
        200,
        ['accepted', 'Preso in carico'],
        id,
      ]);
      expect(asked.headers['content-type']).toContain(VERSIONS[version].type);
      expect(asked.text).toMatch(/Body><(\w+):CertificatoRequestResponse xmlns:\1="[^"]*"><return><status>/);
      const given = { version, header: correlation(id) };
      const processing = await ask(STATUS, given);
      expect([processing.status, told(processing), correlationOf(processing)]).toEqual([
        200,
        ['processing', 'In elaborazione'],
        undefined,
      ]);
      const pending = await ask(RESULT, given);
      expect(faultIn(pending)).toEqual([500, version === '1.1' ? 'soap:Server' : 'env:Receiver', 'answer-pending']);
      expect(pending.text).toContain('<g:ripetibile>true<');
      expect((await answer(await replyTo(asked), CERTIFICATE, version)).status).toBe(202);
      expect(told(await ask(STATUS, given))).toEqual(['done', 'Elaborazione conclusa']);
      const result = await ask(RESULT, given);
      expect([result.status, result.text]).toEqual([200, envelope(version, CERTIFICATE)]);
    },
  );

  it('4: a SOAP sender polls in either version, and by the message id that it gave', async () => {
    const asked = await ask(ASKED, { header: messageId('urn:sulmona:1') });
    expect(correlationOf(asked)).toBe('urn:sulmona:1');
    await answer(await replyTo(asked), CERTIFICATE, '1.2');
    for (const header of [correlation('urn:sulmona:1'), relatesTo('urn:sulmona:1'), correlation(idOf(asked))])
      for (const version of ['1.1', '1.2'] as const) {
        expect(told(await ask(STATUS, { version, header }))?.[0]).toBe('done');
        const result = await ask(RESULT, { version, header });
        expect(result.headers['content-type']).toContain(VERSIONS[version].type);
        expect(result.text).toContain('<testo>Certificato di residenza</testo>');
      }
  });

  it('4: the same SOAP message again is accepted again, with the same id', async () => {
    const header = messageId('urn:sulmona:ripetuto');
    const [first, second] = [await ask(ASKED, { header }), await ask(ASKED, { header })];
    expect([told(second), correlationOf(second), idOf(second)]).toEqual([
      told(first),
      correlationOf(first),
      idOf(first),
    ]);
  });

  it.each(['1.1', '1.2'] as const)(
    '4: who polls without an id, or by one that is not its own, is told so in SOAP %s',
    async (version) => {
      const { ofSender, code } = VERSIONS[version];
      for (const body of [STATUS, RESULT])
        expect(faultIn(await ask(body, { version }))).toEqual([ofSender, code, 'parameter-wrong']);
      const unknown = await ask(STATUS, { version, header: correlation('urn:sulmona:mai') });
      expect(faultIn(unknown)).toEqual([ofSender, code, 'message-unknown']);
      expect(unknown.text).toContain('No message &quot;urn:sulmona:mai&quot; of yours to c_h007.');
      const asked = await ask(ASKED, { version });
      const header = correlation(correlationOf(asked));
      for (const key of [KEYS.raiano, KEYS.pratola])
        expect(faultIn(await ask(RESULT, { version, header, key }))).toEqual([ofSender, code, 'message-unknown']);
      const elsewhere = await ask(STATUS, { version, header, at: 'c_h166/v1/Certificati' });
      expect(faultIn(elsewhere)).toEqual([ofSender, code, 'message-unknown']);
      expect((await ask(STATUS, { version, header, key: 'nessuno' })).status).toBe(401);
      const full = element('CertificatoProcessingStatus', '<altro/>');
      expect(faultIn(await ask(full, { version, header }))).toEqual([ofSender, code, 'schema-violation']);
    },
  );

  it('4: messages of one conversation are told apart by their own ids', async () => {
    const conversation = correlation('pratica-7');
    const asked = [];
    for (const id of ['urn:sulmona:a', 'urn:sulmona:b'])
      asked.push(await ask(ASKED, { header: conversation + messageId(id) }));
    await answer(await replyTo(asked[1] as HttpAnswer), CERTIFICATE);
    expect(faultIn(await ask(STATUS, { header: conversation }))).toEqual([500, 'soap:Client', 'parameter-wrong']);
    expect(told(await ask(STATUS, { header: conversation + relatesTo('urn:sulmona:a') }))?.[0]).toBe('processing');
    expect(told(await ask(STATUS, { header: conversation + relatesTo('urn:sulmona:b') }))?.[0]).toBe('done');
    const other = await ask(STATUS, { header: correlation('pratica-8') + relatesTo('urn:sulmona:b') });
    expect(faultIn(other)[2]).toBe('message-unknown');
  });

  it('4: a message that cannot be delivered, and a failure of the provider, are SOAP faults', async () => {
    pratola.answerWith((_, reply) => void reply.writeHead(422).end());
    const refused = await ask(ASKED);
    await statusWhen(gateway.url, idOf(refused), ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_, reply) => void reply.writeHead(200).end());
    for (const body of [STATUS, RESULT])
      expect(faultIn(await ask(body, { header: correlation(correlationOf(refused)) }))).toEqual([
        500,
        'soap:Client',
        'receiver-refused',
      ]);
    const asked = await ask(ASKED);
    const fault = '<e:Fault><faultcode>e:Client</faultcode><faultstring>Persona ignota</faultstring></e:Fault>';
    expect((await answer(await replyTo(asked), fault)).status).toBe(202);
    const header = correlation(correlationOf(asked));
    expect(told(await ask(STATUS, { header }))?.[0]).toBe('done');
    for (const version of ['1.1', '1.2'] as const) {
      const result = await ask(RESULT, { version, header });
      expect([result.status, result.text]).toEqual([
        version === '1.1' ? 500 : 400,
        expect.stringMatching(/Fault>[^]*Persona ignota/),
      ]);
    }
  });

  it('4: a provider that fetches answers the same way, held against the result that the WSDL publishes', async () => {
    const at = 'c_h166/v1/Certificati';
    const asked = await ask(ASKED, { at });
    const box = await http(`${gateway.url}/box/messages?wait=20`, { key: KEYS.raiano });
    const [message] = box.json<{ messages: { headers: Record<string, string>; body: string }[] }>().messages;
    const address = message?.headers['x-replyto'] as string;
    const wrong = await answer(
      address,
      element('CertificatoResponseResponse', '<numero>x</numero>'),
      '1.1',
      KEYS.raiano,
    );
    expect(faultIn(wrong)[2]).toBe('schema-violation');
    expect((await answer(address, CERTIFICATE, '1.1', KEYS.raiano)).status).toBe(202);
    const result = await ask(RESULT, { at, header: correlation(correlationOf(asked)) });
    expect([result.status, result.text]).toEqual([200, envelope('1.1', CERTIFICATE)]);
  });

  it('4: operations of any name are polled where the service document names them', async () => {
    const at = 'c_h007/v1/Pareri';
    const asked = await ask(ASKED, { at });
    expect(asked.text).toMatch(/:CertificatoRequestResponse xmlns:\w+="[^"]*"><status>accepted<\/status>/);
    const given = { at, header: correlation(correlationOf(asked)) };
    expect(told(await ask(STATUS, given))?.[0]).toBe('processing');
    await answer(await replyTo(asked), CERTIFICATE);
    expect(told(await ask(STATUS, given))?.[0]).toBe('done');
    expect((await ask(RESULT, given)).text).toBe(envelope('1.1', CERTIFICATE));
  });

  it('4: a provider that runs the pattern itself is asked all three', async () => {
    const own = element(
      'CertificatoProcessingStatusResponse',
      '<return><status>done</status><message>Suo</message></return>',
    );
    pratola.answerWith(({ body }, reply) => {
      const given = body.toString();
      const said = given.includes('<c:CertificatoRequest')
        ? envelope('1.1', own.replaceAll('ProcessingStatus', 'Request'), correlation('del-comune'))
        : envelope('1.1', given.includes('<c:CertificatoProcessingStatus') ? own : CERTIFICATE);
      reply.writeHead(200, { 'content-type': 'text/xml' }).end(said);
    });
    const at = 'c_h007/v1/Passanti';
    const header = correlation('del-comune');
    expect((await ask(ASKED, { at })).text).toContain('Suo');
    expect(told(await ask(STATUS, { at, header }))).toEqual(['done', 'Suo']);
    expect((await ask(RESULT, { at, header })).text).toContain('Certificato di residenza');
    const asked = pratola.received.slice(-2).map(({ body }) => body.toString());
    expect(asked).toEqual([expect.stringContaining('del-comune'), expect.stringContaining('del-comune')]);
    pratola.answerWith((_, reply) => void reply.writeHead(200).end());
  });

  it('4: an operator who tries the status is told that nobody else is asked', async () => {
    const tried = await http(`${gateway.url}/admin/services/Certificati/versions/1/validate?provider=c_h007`, {
      body: envelope('1.1', STATUS),
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'text/xml' },
    });
    const said = { wouldBe: 'accepted', operation: 'CertificatoProcessingStatus', route: [], faults: [] };
    expect([tried.status, tried.json()]).toMatchObject([200, said]);
  });

  const withZeep = hasZeep() ? it : it.skip;
  withZeep.each(['Certificati11', 'Certificati12'])('4: zeep polls through %s by what ?wsdl says', async (port) => {
    const wsdl = `${gateway.url}/soap/c_h007/v1/Certificati?wsdl`;
    expect((await http(wsdl)).text.split(`location="${gateway.url}/soap/c_h007/v1/Certificati"`)).toHaveLength(3);
    const client = spawn(PYTHON, ['test/e2e/clients/certificato.py', wsdl, port, KEYS.sulmona], { stdio: 'pipe' });
    const lines = createInterface(client.stdout)[Symbol.asyncIterator]();
    const step = async (name: string) => {
      client.stdin.write(`${name}\n`);
      return JSON.parse((await lines.next()).value as string) as { correlation: string; answer: object };
    };
    const status = (word: string, message: string) => ({ status: word, message });
    const asked = await step('chiedi');
    expect(asked.answer).toEqual({ return: status('accepted', 'Preso in carico') });
    expect(await step('stato')).toEqual({ answer: status('processing', 'In elaborazione') });
    expect(await step('ritira')).toMatchObject({ message: expect.stringContaining('has no answer yet') });
    const delivery = await pratola.next(({ headers }) => headers['x-correlation-id'] === asked.correlation);
    await answer(delivery.headers['x-replyto'] as string, CERTIFICATE);
    expect(await step('stato')).toEqual({ answer: status('done', 'Elaborazione conclusa') });
    expect(await step('ritira')).toEqual({ answer: { numero: 7, testo: 'Certificato di residenza' } });
    client.stdin.end();
    expect(await once(client, 'exit')).toEqual([0, null]);
  });
});
