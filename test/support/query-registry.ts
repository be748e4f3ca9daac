import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type {
  AgreementDocument,
  EndpointDocument,
  ProvidedDocument,
  RegistryDocument,
  ServiceDocument,
} from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { KEYS } from './registry.js';

/** Where Sulmona answers by SOAP and Pratola by REST; null: it fetches its questions, or takes them from its own queue. */
export interface QueryProviders {
  readonly soap: string | null;
  readonly rest: string | null;
  readonly by?: 'amqp';
  readonly timeoutMs?: number;
  /** More about the endpoints of Pratola. */
  readonly pratola?: Pick<EndpointDocument, 'hedgeAfterMs' | 'cache'>;
  /** More about agreements, by their ids. */
  readonly agreements?: Readonly<Record<string, Pick<AgreementDocument, 'evidence' | 'strictEvidence'>>>;
  readonly answers?: { readonly concurrency: number; readonly waiting: number };
}

const key = (id: keyof typeof KEYS) => ({
  kind: 'api-key' as const,
  id,
  hash: hashSecret(KEYS[id].slice(id.length + 1)),
});

const provider = (
  participant: string,
  id: keyof typeof KEYS,
  provides: readonly ProvidedDocument[],
  answers?: QueryProviders['answers'],
): RegistryDocument => ({
  kind: 'system',
  id: `${id}.sistema`,
  participant,
  credentials: [key(id), { kind: 'amqp', username: `${id}-mq` }],
  provides,
  receives: { channel: 'box' },
  ...(answers && { answers }),
});

const agreement = (consumer: string, providerCode: string, service: string, more: object = {}): RegistryDocument => ({
  kind: 'agreement',
  id: `${consumer}-${providerCode}-${service}`,
  consumer,
  provider: providerCode,
  service,
  version: 1,
  ...more,
});

function documents({
  soap,
  rest,
  by,
  timeoutMs = 5_000,
  pratola,
  agreements = {},
  answers,
}: QueryProviders): readonly RegistryDocument[] {
  const tributi = { service: 'PosizioneTributaria', version: 1 };
  const at = (protocol: 'soap11' | 'rest', url: string | null) => ({
    protocol,
    ...(url === null ? by && { by } : { url }),
    timeoutMs,
  });
  const documents: readonly RegistryDocument[] = [
    { kind: 'participant', id: 'r_abruzz', name: 'Regione Abruzzo', type: 'region' },
    { kind: 'participant', id: 'c_i804', name: 'Comune di Sulmona', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h007', name: 'Comune di Pratola Peligna', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h166', name: 'Comune di Raiano', type: 'municipality', parent: 'r_abruzz' },
    provider('r_abruzz', 'regione', []),
    provider(
      'c_i804',
      'sulmona',
      [
        { ...tributi, endpoint: at('soap11', soap) },
        { service: 'Residenza', version: 1, endpoint: at('soap11', soap) },
      ],
      answers,
    ),
    provider(
      'c_h007',
      'pratola',
      [
        { ...tributi, endpoint: { ...at('rest', rest), ...pratola } },
        { service: 'Residenti', version: 1, endpoint: { ...at('rest', rest && `${rest}/base`), ...pratola } },
        { service: 'Residenza', version: 1, endpoint: { ...at('rest', rest && `${rest}/base`), ...pratola } },
      ],
      answers,
    ),
    provider('c_h166', 'raiano', []),
    agreement('r_abruzz', 'c_i804', 'PosizioneTributaria'),
    agreement('r_abruzz', 'c_h007', 'PosizioneTributaria'),
    agreement('r_abruzz', 'c_h007', 'Residenti'),
    agreement('r_abruzz', 'c_h007', 'Residenza'),
    agreement('r_abruzz', 'c_i804', 'Residenza'),
    agreement('c_h166', 'c_h007', 'Residenti', { operations: ['leggiResidente'] }),
  ];
  return documents.map((one): RegistryDocument => (one.kind === 'agreement' ? { ...one, ...agreements[one.id] } : one));
}

const RESIDENTI = {
  kind: 'service',
  id: 'Residenti',
  version: 1,
  title: 'Residenti',
  openapi: resolve('test/fixtures/residenti/openapi.yaml'),
};

/** One interface in both protocols. */
const RESIDENZA = {
  kind: 'service',
  id: 'Residenza',
  version: 1,
  title: 'Residenza',
  wsdl: resolve('test/fixtures/residenza/residenza.wsdl'),
  openapi: resolve('test/fixtures/residenza/openapi.yaml'),
};

/** A directory with the example services, one of any REST shape, and participants that ask and answer; its path. */
export async function writeQueryRegistry(providers: QueryProviders): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  const services = await readFile('examples/registry/services.yaml', 'utf8');
  await writeFile(join(directory, 'services.yaml'), services.replaceAll('../../schemas', resolve('schemas')));
  await writeFile(join(directory, 'residenti.yaml'), [RESIDENTI, RESIDENZA].map((one) => stringify(one)).join('---\n'));
  await writeQueryProviders(directory, providers);
  return directory;
}

/** Writes (again) participants, systems and agreements. */
export async function writeQueryProviders(directory: string, providers: QueryProviders): Promise<void> {
  const text = documents(providers).map((document) => stringify(document));
  await writeFile(join(directory, 'participants.yaml'), text.join('---\n'));
}

/** The tax service again, as one that is declared safe: `PosizioneSicura`, which Raiano answers. */
export async function addSafeService(directory: string, endpoint: EndpointDocument): Promise<void> {
  const services = await readFile(join(directory, 'services.yaml'), 'utf8');
  const known = parseAllDocuments(services).map((one) => one.toJS() as ServiceDocument);
  const tributi = known.find(({ id }) => id === 'PosizioneTributaria')!;
  const service = { service: 'PosizioneSicura', version: 1 };
  const documents = [
    { ...tributi, id: service.service, operations: tributi.operations!.map((one) => ({ ...one, safe: true })) },
    {
      kind: 'system',
      id: 'raiano.interrogato',
      participant: 'c_h166',
      receives: { channel: 'box' },
      provides: [{ ...service, endpoint }],
    },
    { kind: 'agreement', id: 'sicura', consumer: 'r_abruzz', provider: 'c_h166', ...service },
  ];
  await writeFile(join(directory, 'sicura.yaml'), documents.map((one) => stringify(one)).join('---\n'));
}
