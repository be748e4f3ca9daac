import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument, ServiceDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { KEYS } from './registry.js';

export const CERTIFICATI = resolve('test/fixtures/certificati/Certificati.wsdl');
/** Namespace of all that the WSDL declares. */
export const CERTIFICATI_NS = 'urn:crocevia:prova:certificati';

const system = (id: keyof typeof KEYS, participant: string, more: object): RegistryDocument => ({
  kind: 'system',
  id: `${id}.sistema`,
  participant,
  credentials: [{ kind: 'api-key', id, hash: hashSecret(KEYS[id].slice(id.length + 1)) }],
  receives: { channel: 'box' },
  ...more,
});

const municipality = (id: string, name: string): RegistryDocument => ({
  kind: 'participant',
  id,
  name,
  type: 'municipality',
});

const agreement = (consumer: string, provider: string, service: string, more: object = {}): RegistryDocument => ({
  kind: 'agreement',
  id: `${consumer}-${provider}-${service}`,
  consumer,
  provider,
  service,
  version: 1,
  ...more,
});

const service = (id: string, more: Partial<ServiceDocument>): RegistryDocument => ({
  kind: 'service',
  id,
  version: 1,
  title: id,
  wsdl: CERTIFICATI,
  ...more,
});

/** The same with names of its own, and status and message without anything around them. */
async function withOwnNames(directory: string): Promise<string> {
  const wsdl = await readFile(CERTIFICATI, 'utf8');
  const named = wsdl
    .replaceAll('operation name="CertificatoRequest"', 'operation name="chiediParere"')
    .replaceAll('operation name="CertificatoProcessingStatus"', 'operation name="statoParere"')
    .replaceAll('operation name="CertificatoResponse"', 'operation name="ritiraParere"')
    .replace('<xs:element name="return"><xs:complexType><xs:sequence>', '')
    .replace(
      /(<xs:element name="message" type="xs:string"\/>)\s*<\/xs:sequence><\/xs:complexType><\/xs:element>/,
      '$1',
    );
  const file = join(directory, 'Pareri.wsdl');
  await writeFile(file, named);
  return file;
}

/**
 * A directory in which Sulmona (and Raiano) ask Pratola, which is pushed to at `pratola`, and Sulmona asks Raiano, which fetches: a
 * service polled as ModI names it (Certificati), one that says which operations poll (Pareri), one whose provider is asked itself
 * (Passanti).
 */
export async function writePollingRegistry(pratola: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  const [push, endpoint] = [
    { channel: 'push-soap', url: pratola },
    { protocol: 'soap11', url: pratola },
  ];
  const provides = ['Certificati', 'Pareri', 'Passanti'].map((id) => ({
    service: id,
    version: 1,
    ...(id === 'Passanti' && { endpoint }),
  }));
  const parere = {
    name: 'chiediParere',
    profile: 'async-polled',
    status: 'statoParere',
    result: 'ritiraParere',
  } as const;
  const documents: readonly RegistryDocument[] = [
    municipality('c_i804', 'Comune di Sulmona'),
    municipality('c_h007', 'Comune di Pratola Peligna'),
    municipality('c_h166', 'Comune di Raiano'),
    system('sulmona', 'c_i804', {}),
    system('pratola', 'c_h007', { provides, receives: push }),
    system('raiano', 'c_h166', { provides: [{ service: 'Certificati', version: 1 }] }),
    service('Certificati', { operations: [{ name: 'CertificatoRequest', profile: 'async-polled' }] }),
    service('Pareri', { wsdl: await withOwnNames(directory), operations: [parere] }),
    service('Passanti', {}),
    agreement('c_i804', 'c_h007', 'Certificati', { operations: ['CertificatoRequest'] }),
    agreement('c_i804', 'c_h166', 'Certificati'),
    agreement('c_h166', 'c_h007', 'Certificati'),
    agreement('c_i804', 'c_h007', 'Pareri'),
    agreement('c_i804', 'c_h007', 'Passanti'),
  ];
  const text = documents.map((document) => stringify(document));
  await writeFile(join(directory, 'registry.yaml'), text.join('---\n'));
  return directory;
}
