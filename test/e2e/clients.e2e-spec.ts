import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { statusWhen } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { freePort } from '../support/ports.js';
import { BASIC, KEYS, writeRegistry } from '../support/registry.js';
import { hasZeep, PYTHON } from '../support/zeep.js';

const run = promisify(execFile);
const PATH = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';

const zeepThere = hasZeep();

interface ZeepTold {
  readonly type: string;
  readonly answer?: Readonly<Record<string, string | boolean>>;
  readonly code?: string;
  readonly message?: string;
  readonly fault?: {
    readonly codice: string;
    readonly ripetibile: boolean;
    readonly violazione: readonly { readonly percorso: string; readonly regola: string; readonly riga: number }[];
    readonly troncato: boolean;
  };
}

describe('independent clients', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let places: readonly string[];

  beforeAll(async () => {
    pratola = await startReceiver();
    const registry = await writeRegistry({
      pratola: { channel: 'push-soap', url: pratola.url, shape: 'original' },
      regione: { channel: 'box', shape: 'original' },
    });
    const data = await dataDirectory();
    places = [registry, data];
    const port = String(await freePort());
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
    });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
  }, 30_000);

  const zeep = async (port: string, verdict: 'valid' | 'invalid'): Promise<ZeepTold> => {
    const wsdl = `${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica?wsdl`;
    const [user = '', password = ''] = Buffer.from(BASIC.slice(6), 'base64').toString().split(':');
    const script = join('test/e2e/clients/notifica.py');
    const { stdout } = await run(PYTHON, [script, wsdl, port, user, password, verdict]);
    return JSON.parse(stdout) as ZeepTold;
  };
  const curl = async (...args: readonly string[]) => {
    const { stdout } = await run('curl', ['-sS', '--noproxy', '*', '-w', '\n%{http_code}', ...args]);
    const [body = '', status] = stdout.split(/\n(?=\d+$)/);
    return { status: Number(status), json: JSON.parse(body) as Record<string, unknown> };
  };

  const withZeep = describe.each([
    ['1.1', 'VariazioneAnagraficaSoap11', /Client$/],
    ['1.2', 'VariazioneAnagraficaSoap12', /Sender$/],
  ] as const);
  if (!zeepThere) it.skip('4: python3-zeep', () => undefined);
  else
    withZeep('python3-zeep, SOAP %s', (_version, port, senderCode) => {
      it('4: reads the WSDL, calls it and gets its typed answer', async () => {
        const { answer, type } = await zeep(port, 'valid');
        expect(type).toBe('presaInCarico');
        expect(answer).toMatchObject({
          idMessaggio: expect.stringMatching(/^urn:uuid:/),
          idGateway: expect.stringMatching(/^[0-9a-f-]{36}$/),
          duplicato: false,
          indirizzoStato: expect.stringContaining(gateway.url),
        });
        const id = String(answer?.['idGateway']);
        await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
        const arrived = await pratola.next(({ headers }) => headers['x-gateway-id'] === id);
        expect(arrived.body.toString()).toContain("D'Àmico");
      }, 20_000);

      it('5: gets a typed fault that names the rule', async () => {
        const { fault, type, code } = await zeep(port, 'invalid');
        expect([type, code]).toEqual(['Errore', expect.stringMatching(senderCode)]);
        expect(fault).toMatchObject({
          codice: 'schema-violation',
          colpa: 'sender',
          ripetibile: false,
          troncato: false,
          violazione: [{ percorso: expect.stringMatching(/\/generalita\/codiceFiscale$/), regola: 'pattern' }],
        });
      }, 20_000);
    });

  const JSON_TYPE = ['-H', 'Content-Type: application/json'];
  const KEY = ['-H', `X-API-Key: ${KEYS.sulmona}`];

  it('4: curl sends over REST, asks for the status and reads the timeline', async () => {
    const sent = await curl(`${gateway.url}${PATH}`, ...KEY, ...JSON_TYPE, '-d', JSON.stringify(noticeJson()));
    expect(sent).toMatchObject({ status: 202, json: { state: 'ACCEPTED' } });
    await statusWhen(gateway.url, String(sent.json['id']), ({ state }) => state === 'COMPLETED');
    const status = await curl(String(sent.json['status']), ...KEY);
    expect(status).toMatchObject({ status: 200, json: { id: sent.json['id'], state: 'COMPLETED' } });
    const timeline = await curl(`${String(sent.json['status'])}/timeline`, ...KEY);
    const entries = timeline.json['entries'] as readonly { event: string }[];
    expect(entries[0]?.event).toBe('message.accepted');
    expect(entries.map(({ event }) => event)).toContain('delivery.delivered');
  });

  it('5: curl is told what is wrong with an invalid notice', async () => {
    const body = JSON.stringify({ ...noticeJson(), dataDecorrenza: 'ieri' });
    const refused = await curl(`${gateway.url}${PATH}`, '-u', 'sulmona-user:secret-sulmona', ...JSON_TYPE, '-d', body);
    expect(refused).toMatchObject({
      status: 400,
      json: { code: 'schema-violation', errors: [{ path: '/dataDecorrenza', rule: 'format' }] },
    });
    const status = await curl(String(refused.json['instance']), ...KEY);
    expect(status).toMatchObject({ status: 200, json: { state: 'REJECTED', fault: { code: 'schema-violation' } } });
  });
});
