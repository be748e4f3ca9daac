import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parseStringPromise } from 'xml2js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { freePort } from '../support/ports.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { startRestSystem, startSoapSystem, type AskedSystem, type Positions } from '../support/query-systems.js';
import { KEYS } from '../support/registry.js';
import { hasZeep, PYTHON } from '../support/zeep.js';

const run = promisify(execFile);

interface Question {
  readonly testata: object;
  readonly codiceFiscale: string;
  readonly annoImposta: number;
  readonly tributo?: readonly string[];
}
interface Answer {
  readonly testata: object;
  readonly codiceFiscale: string;
  readonly posizione?: readonly object[];
}
interface ZeepTold {
  readonly answer?: Answer;
  readonly types?: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly type?: string;
  readonly fault?: object;
}

const text = (name: string) => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');
const json = <T>(name: string) => JSON.parse(text(name)) as T;
const QUESTION = json<Question>('richiestaPosizioneTributaria.json');
const MANY = json<Answer>('rispostaPosizioneTributaria.json');
const NONE = json<Answer>('rispostaPosizioneTributaria.vuota.json');
const ONE = { ...MANY, posizione: MANY.posizione!.slice(0, 1) };
/** The example, an answer without positions, one with a single one; every other year is unknown. */
const ANSWERS: Readonly<Record<number, Answer>> = { 2025: MANY, 2024: NONE, 2023: ONE };
const UNKNOWN_YEAR = 1999;
const positions: Positions = (year) => ANSWERS[year] ?? null;

type Node = readonly [name: string, content: string | readonly Node[]];
interface Parsed {
  readonly $ns: { readonly local: string; readonly uri: string };
  readonly $$?: readonly Parsed[];
  readonly _?: string;
}
const nodeOf = ({ $ns, $$, _ = '' }: Parsed): Node => [`{${$ns.uri}}${$ns.local}`, $$ ? $$.map(nodeOf) : _];

/** Names with their namespaces, order and text; prefixes, attributes and white space between elements do not count. */
async function treeOf(xml: string): Promise<Node> {
  const options = { xmlns: true, explicitChildren: true, preserveChildrenOrder: true, explicitRoot: false };
  return nodeOf((await parseStringPromise(xml, options)) as Parsed);
}
const bodyOf = ([, children]: Node) => (children as readonly Node[]).find(([name]) => name.endsWith('}Body'))?.[1][0];

const PROVIDERS = [
  ['the SOAP provider', 'c_i804'],
  ['the REST provider', 'c_h007'],
] as const;
const YEARS = [
  ['many', 2025],
  ['one', 2023],
  ['none', 2024],
] as const;
const asking = (codiceIpaDestinatario: string, annoImposta: number): Question => ({
  ...QUESTION,
  testata: { ...QUESTION.testata, codiceIpaDestinatario },
  annoImposta,
});

describe('queries of independent clients and real providers', () => {
  let gateway: RunningGateway;
  let systems: Readonly<Record<'soap' | 'rest', AskedSystem>>;
  let places: readonly string[];

  beforeAll(async () => {
    const [soap, rest] = await Promise.all([startSoapSystem(positions), startRestSystem(positions)]);
    systems = { soap, rest };
    const registry = await writeQueryRegistry({ soap: soap.url, rest: rest.url });
    const data = await dataDirectory();
    places = [registry, data];
    const port = String(await freePort());
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
    });
    await Promise.all([soap.open(gateway.url), rest.open(gateway.url)]);
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([systems.soap.stop(), systems.rest.stop()]);
    await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
  }, 30_000);

  const lastOf = (provider: string) => (provider === 'c_i804' ? systems.soap : systems.rest).asked.at(-1);
  /** As the `soap` package reads it, years are text. */
  const readBy = (provider: string, question: Question) =>
    provider === 'c_i804' ? { ...question, annoImposta: String(question.annoImposta) } : question;

  const zeep = async (provider: string, version: string, question: object): Promise<ZeepTold> => {
    const wsdl = `${gateway.url}/soap/${provider}/v1/PosizioneTributaria?wsdl`;
    const args = [wsdl, `PosizioneTributariaSoap${version}`, KEYS.regione, JSON.stringify(question)];
    const { stdout } = await run(PYTHON, ['test/e2e/clients/consulta.py', ...args]);
    return JSON.parse(stdout) as ZeepTold;
  };
  const curl = async (path: string, body: string, ...headers: readonly string[]) => {
    const args = [`X-API-Key: ${KEYS.regione}`, ...headers].flatMap((header) => ['-H', header]);
    const where = ['-sS', '--noproxy', '*', '-w', '\n%{http_code} %{content_type}', `${gateway.url}${path}`];
    const { stdout } = await run('curl', [...where, ...args, '--data-binary', body]);
    const at = stdout.lastIndexOf('\n');
    const [status, type = ''] = stdout.slice(at + 1).split(/ (.*)/);
    return { status: Number(status), type, text: stdout.slice(0, at) };
  };
  const curlRest = async (provider: string, question: object, ...headers: readonly string[]) =>
    curl(
      `/rest/${provider}/v1/PosizioneTributaria/posizioni/consulta`,
      JSON.stringify(question),
      'Content-Type: application/json',
      ...headers,
    );

  const withZeep = describe.each(PROVIDERS);
  if (!hasZeep()) it.skip('3: python3-zeep', () => undefined);
  else
    withZeep('python3-zeep asks %s', (_name, provider) => {
      it.each(YEARS)(
        '3: gets the typed answer with %s of its positions',
        async (_count, year) => {
          const { answer, types } = await zeep(provider, '11', asking(provider, year));
          expect(answer).toEqual(ANSWERS[year]);
          expect(types).toEqual(year === 2024 ? ['datetime'] : ['datetime', 'Decimal']);
          expect(lastOf(provider)).toMatchObject({ codiceFiscale: QUESTION.codiceFiscale, tributo: QUESTION.tributo });
        },
        20_000,
      );

      it('3: gets the provider’s refusal as a typed fault', async () => {
        const { type, code, fault, message } = await zeep(provider, '11', asking(provider, UNKNOWN_YEAR));
        const [codice, colpa] =
          provider === 'c_i804' ? ['anno-sconosciuto', 'sender'] : ['receiver-refused', 'receiver'];
        expect([type, code]).toEqual(['Errore', expect.stringMatching(/:Client$/)]);
        expect(fault).toMatchObject({ codice, colpa, ripetibile: false, troncato: false });
        expect(`${message} ${JSON.stringify(fault)}`).toContain(`Anno ${UNKNOWN_YEAR}`);
      }, 20_000);

      it('1: gets the gateway’s refusal as a typed fault that names the rule', async () => {
        const before = lastOf(provider);
        const { type, fault } = await zeep(provider, '11', { ...asking(provider, 2025), codiceFiscale: 'rossi' });
        expect([type, fault]).toEqual([
          'Errore',
          expect.objectContaining({
            codice: 'schema-violation',
            violazione: [expect.objectContaining({ percorso: expect.stringMatching(/\/codiceFiscale$/) })],
          }),
        ]);
        expect(lastOf(provider)).toBe(before);
      }, 20_000);
    });

  describe.each(PROVIDERS)('curl asks %s', (_name, provider) => {
    it.each(YEARS)('3: over REST, with %s of its positions', async (_count, year) => {
      const question = asking(provider, year);
      const answer = await curlRest(provider, question);
      expect([answer.status, answer.type]).toEqual([200, expect.stringContaining('application/json')]);
      expect(JSON.parse(answer.text)).toEqual(ANSWERS[year]);
      expect(lastOf(provider)).toEqual(readBy(provider, question));
    });

    it('3: over REST without what is optional, with one of an array', async () => {
      const { tributo: _, ...bare } = asking(provider, 2025);
      expect((await curlRest(provider, bare)).status).toBe(200);
      expect(lastOf(provider)).toEqual(readBy(provider, bare));
      const single = { ...bare, tributo: ['TARI'] };
      expect((await curlRest(provider, single)).status).toBe(200);
      expect(lastOf(provider)).toEqual(readBy(provider, single));
    });

    it('3: over REST, and gets its refusal as a problem', async () => {
      const refused = await curlRest(provider, asking(provider, UNKNOWN_YEAR));
      expect([refused.status, refused.type]).toEqual([
        provider === 'c_i804' ? 422 : 404,
        expect.stringContaining('application/problem+json'),
      ]);
      expect(refused.text).toContain('Anno di imposta sconosciuto');
    });

    it.each([
      ['many', 2025, 'rispostaPosizioneTributaria.xml'],
      ['none', 2024, 'rispostaPosizioneTributaria.vuota.xml'],
    ] as const)(
      '3: over SOAP, with %s of its positions, each name in its namespace',
      async (_count, year, expected) => {
        const asked = text('richiestaPosizioneTributaria.xml')
          .replace(/<\?xml[^>]*\?>/, '')
          .replace('c_i804', provider)
          .replace('2025</annoImposta>', `${year}</annoImposta>`);
        const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${asked}</s:Body></s:Envelope>`;
        const answer = await curl(`/soap/${provider}/v1/PosizioneTributaria`, envelope, 'Content-Type: text/xml');
        expect([answer.status, answer.type]).toEqual([200, expect.stringContaining('text/xml')]);
        expect(bodyOf(await treeOf(answer.text))).toEqual(await treeOf(text(expected)));
      },
    );
  });
});
