import { readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { http, type HttpAnswer } from '../support/client.js';
import { corpus } from '../support/corpus.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope } from '../support/messages.js';
import { INTERNALS } from '../support/refusals.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Instance {
  readonly file: string;
  readonly schema: string;
  /** Of an invalid one: the first error as xmllint tells it. */
  readonly xmllint?: string;
}

interface IndexedSet {
  readonly name: string;
  readonly valid: readonly Instance[];
  readonly invalid: readonly Instance[];
  readonly envelopes?: readonly string[];
}

const RECEIVER_KEY = 'corpora.secret-corpora';
const SETS = ['anpr-comuni', 'agid-segnatura-protocollo', 'fatturapa-1.2'];

/** Schema of the index -> where its instances are sent: bodies in an envelope, or bare over REST. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'anpr-comuni/3000serviziConsultazione.all.xsd': '/soap/c_h166/v1/Anpr3000',
  'agid-segnatura-protocollo/interfaces_SOAP/protocollo-destinatario.all.xsd': '/soap/c_h166/v1/Destinatario',
  'agid-segnatura-protocollo/segnatura_protocollo.xsd': '/rest/c_h166/v1/Segnatura/segnature',
  'fatturapa-1.2/FatturaPA_v1.2.xsd': '/rest/c_h166/v1/FatturaPA/fatture',
};
const ENVELOPES: Readonly<Record<string, string>> = {
  'anpr-comuni': '/soap/c_h166/v1/Anpr3000',
  'agid-segnatura-protocollo': '/soap/c_h166/v1/Destinatario',
};

const oneWay = (name: string, more: object = {}) => ({ name, profile: 'one-way' as const, ...more });

/** The interfaces as published; operations that answer in their WSDL are registered as one-way. */
const services = (directory: string): readonly RegistryDocument[] => [
  {
    kind: 'service',
    id: 'Anpr3000',
    version: 1,
    title: 'ANPR, consultazione',
    wsdl: `${directory}/anpr-comuni/3000serviziConsultazione.wsdl`,
    operations: [oneWay('interrogazioneCittadino_famiglia_convivenza')],
  },
  {
    kind: 'service',
    id: 'Destinatario',
    version: 1,
    title: 'AgID, protocollo destinatario',
    wsdl: `${directory}/agid-segnatura-protocollo/interfaces_SOAP/protocollo-destinatario.wsdl`,
    operations: [
      oneWay('MessaggioInoltro'),
      oneWay('rispostaInoltro', {
        element: { namespace: 'http://ws.protocollo.comunicazione.aoo.destinatario/', name: 'ResponseMessageInoltro' },
      }),
    ],
  },
  {
    kind: 'service',
    id: 'Segnatura',
    version: 1,
    title: 'AgID, segnatura',
    xsd: `${directory}/agid-segnatura-protocollo/segnatura_protocollo.xsd`,
    operations: [
      oneWay('segnatura', {
        element: { namespace: 'http://www.agid.gov.it/protocollo/', name: 'SegnaturaInformatica' },
        rest: { method: 'POST', path: '/segnature' },
      }),
    ],
  },
  {
    kind: 'service',
    id: 'FatturaPA',
    version: 1,
    title: 'Fattura elettronica',
    xsd: `${directory}/fatturapa-1.2/FatturaPA_v1.2.xsd`,
    operations: [
      oneWay('trasmetti', {
        element: {
          namespace: 'http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2',
          name: 'FatturaElettronica',
        },
        rest: { method: 'POST', path: '/fatture' },
      }),
    ],
  },
];

function registryOf(directory: string): string {
  const published = services(directory);
  const provided = published.flatMap((one) => (one.kind === 'service' ? [{ service: one.id, version: 1 }] : []));
  const system: RegistryDocument = {
    kind: 'system',
    id: 'raiano.corpora',
    participant: 'c_h166',
    credentials: [{ kind: 'api-key', id: 'corpora', hash: hashSecret('secret-corpora') }],
    provides: provided,
    receives: { channel: 'box', shape: 'original' },
  };
  const agreements = provided.map(({ service }): RegistryDocument => ({
    kind: 'agreement',
    id: `corpora-${service}`,
    consumer: 'c_i804',
    provider: 'c_h166',
    service,
    version: 1,
    filtersDuplicates: false,
  }));
  return [...published, system, ...agreements].map((document) => stringify(document)).join('---\n');
}

const directory = corpus('schemas');
const index = (
  directory ? JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) : []
) as readonly IndexedSet[];
const sets = index.filter(({ name }) => SETS.includes(name));
const rows = (verdict: 'valid' | 'invalid') => sets.flatMap((set) => set[verdict]);
const envelopes = sets.flatMap(({ name, envelopes: files = [] }) => files.map((file) => ({ name, file })));

/** Local name of the element that xmllint's first error speaks of. */
const elementIn = (xmllint = '') => /^Element '(?:\{[^}]*\})?([^']+)'/.exec(xmllint)?.[1] ?? 'none';

/** Path of the first error that a refusal lists, whatever its dialect. */
function firstPath({ headers, text }: HttpAnswer): string | undefined {
  if (!headers['content-type']?.includes('json')) return /<g:percorso>([^<]*)</.exec(text)?.[1];
  return (JSON.parse(text) as { errors?: readonly { path: string }[] }).errors?.[0]?.path;
}

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('published schemas of public bodies, through the gateway', () => {
    let gateway: RunningGateway;
    let places: readonly string[];
    const run = { valid: 0, invalid: 0, envelopes: 0 };
    const sent: string[] = [];

    beforeAll(async () => {
      const box = { channel: 'box', shape: 'original' } as const;
      const registry = await writeRegistry({ pratola: box, regione: box });
      const data = await dataDirectory();
      places = [registry, data];
      await writeFile(join(registry, 'corpora.yaml'), registryOf(directory));
      gateway = await startGateway({ CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: data });
    }, 120_000);

    afterAll(async () => {
      expect(await gateway.stop()).toBe(0);
      await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
    }, 30_000);

    const post = (path: string, body: string) => {
      const headers = { 'content-type': path.startsWith('/soap/') ? 'text/xml; charset=utf-8' : 'application/xml' };
      return http(`${gateway.url}${path}`, { key: KEYS.sulmona, headers, body });
    };
    const sendInstance = async ({ file, schema }: Instance) => {
      const path = ADDRESSES[schema] ?? `no address for ${schema}`;
      const text = await readFile(join(directory, file), 'utf8');
      const body = path.startsWith('/soap/') ? envelope({ body: text.replace(/^\uFEFF?<\?xml[^>]*\?>/, '') }) : text;
      return { body, answer: await post(path, body) };
    };
    const expectTaken = (answer: HttpAnswer, body: string) => {
      expect({ status: answer.status, text: answer.status === 202 ? '' : answer.text }).toEqual({
        status: 202,
        text: '',
      });
      expect(answer.headers['location']).toMatch(/\/messages\/[0-9a-f-]{36}$/);
      sent.push(body);
    };

    it.each(rows('valid'))('5: takes $file', async (row) => {
      const { body, answer } = await sendInstance(row);
      expectTaken(answer, body);
      run.valid++;
    });

    it.each(rows('invalid'))('5: refuses $file and names the element', async (row) => {
      const { answer } = await sendInstance(row);
      const soap = ADDRESSES[row.schema]?.startsWith('/soap/');
      expect(answer.status).toBe(soap ? 500 : 400);
      expect(answer.text).toContain('schema-violation');
      expect(answer.text).not.toMatch(INTERNALS);
      const last = firstPath(answer)
        ?.split('/')
        .filter((step) => !step.startsWith('@'))
        .at(-1);
      expect(last?.replace(/\[\d+\]$/, '')).toBe(elementIn(row.xmllint));
      run.invalid++;
    });

    it.each(envelopes)('4: takes the envelope $file whole', async ({ name, file }) => {
      const body = await readFile(join(directory, file), 'utf8');
      expectTaken(await post(ENVELOPES[name] ?? '', body), body);
      run.envelopes++;
    });

    it('4: answers an operation whose WSDL declares an answer of its own, registered as one-way, with an empty 202', async () => {
      const row = rows('valid').find(({ schema }) => ADDRESSES[schema]?.startsWith('/soap/')) as Instance;
      const { body, answer } = await sendInstance(row);
      expectTaken(answer, body);
      expect(answer.text).toBe('');
    });

    it('5: ran every row of the index, and the receiver has all that was taken, byte for byte', async () => {
      const wanted = { valid: rows('valid').length, invalid: rows('invalid').length, envelopes: envelopes.length };
      console.log(
        `${SETS.join(', ')}: ${run.valid} valid, ${run.invalid} invalid, ${run.envelopes} envelopes run of ${wanted.valid}, ${wanted.invalid}, ${wanted.envelopes}`,
      );
      expect(run).toEqual(wanted);
      expect(wanted).toEqual({ valid: 10, invalid: 11, envelopes: 2 });
      const received = await inBox(gateway.url, sent.length);
      expect(received.sort()).toEqual([...sent].sort());
    });
  });

/** The bodies that wait for the corpora's system, once there are so many. */
async function inBox(url: string, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const { messages } = (await http(`${url}/box/messages?max=100&wait=10`, { key: RECEIVER_KEY })).json<{
      messages: readonly { body: string }[];
    }>();
    if (messages.length === 0) break;
    bodies.push(...messages.map(({ body }) => body));
  }
  return bodies;
}
