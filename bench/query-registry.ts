import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../src/registry/documents/document-types.js';
import { hashSecret } from '../src/registry/secret.js';
import { XSD } from './message.js';
import { BENCH_API_KEY } from './registry.js';

const NAMESPACE = 'urn:crocevia:bench';
const SERVICE = { service: 'Bench', version: 1 };
/** Longer than a round: what is silent stays silent, and only its consumer gives up. */
const SILENT_TIMEOUT_MS = 60_000;

/** Participants that answer the same service. */
export const PROVIDERS = {
  sound: 'r_abruzz',
  unwritten: 'c_l103',
  strict: 'c_a345',
  refusing: 'c_h007',
  silent: 'c_h166',
} as const;
type Provider = keyof typeof PROVIDERS;

const participant = (id: string): RegistryDocument => ({ kind: 'participant', id, name: id, type: 'municipality' });

/** These answer as the sound one does: under an agreement that wants nothing written down, or everything before it goes on. */
const EVIDENCE: Partial<Record<Provider, object>> = {
  sound: {},
  unwritten: { evidence: 'none' },
  strict: { evidence: 'full', strictEvidence: true },
};

const system = (which: Provider, url: string): RegistryDocument => ({
  kind: 'system',
  id: `${which}.bench`,
  participant: PROVIDERS[which],
  provides: [{ ...SERVICE, endpoint: { protocol: 'soap11', url, timeoutMs: SILENT_TIMEOUT_MS } }],
  receives: { channel: 'box' },
  ...(which in EVIDENCE && { answers: { concurrency: 64, waiting: 1_000 } }),
});

const agreement = (which: Provider): RegistryDocument => ({
  ...{ kind: 'agreement', id: which, consumer: 'c_i804', provider: PROVIDERS[which] },
  ...SERVICE,
  ...EVIDENCE[which],
});

const documents = (urls: Readonly<Record<Provider, string>>): readonly RegistryDocument[] => {
  const [id, secret] = BENCH_API_KEY.split('.') as [string, string];
  const all = Object.keys(PROVIDERS) as Provider[];
  return [
    ...['c_i804', ...Object.values(PROVIDERS)].map(participant),
    {
      ...{ kind: 'system', id: 'sulmona.bench', participant: 'c_i804' },
      credentials: [{ kind: 'api-key', id, hash: hashSecret(secret) }],
    },
    {
      ...{ kind: 'service', id: 'Bench', version: 1, title: 'Bench', xsd: 'bench.xsd' },
      operations: [
        {
          ...{ name: 'interroga', profile: 'query', soapAction: `${NAMESPACE}:interroga` },
          element: { namespace: NAMESPACE, name: 'interroga' },
          answer: { element: { namespace: NAMESPACE, name: 'risposta' } },
        },
      ],
    },
    ...all.map((which) => system(which, urls[which])),
    ...all.map(agreement),
  ];
};

/** One consumer and the providers of a query over SOAP. Returns the directory. */
export async function writeQueryBenchRegistry(urls: Readonly<Record<Provider, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-bench-'));
  await writeFile(join(directory, 'bench.xsd'), XSD);
  const text = documents(urls).map((document) => stringify(document));
  await writeFile(join(directory, 'registry.yaml'), text.join('---\n'));
  return directory;
}
