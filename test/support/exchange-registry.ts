import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { KEYS } from './registry.js';

/** Where Pratola receives and is asked (and, below /soap, Raiano receives), and where Sulmona has answers sent to. */
export interface ExchangePlaces {
  readonly pratola: string;
  readonly sulmona: string;
}

export const CALLBACK_TOKEN = 'Bearer di-sulmona';
/** Messages a minute under the agreement for Istanze. */
export const PER_MINUTE = 60;

const key = (id: keyof typeof KEYS) => ({
  kind: 'api-key' as const,
  id,
  hash: hashSecret(KEYS[id].slice(id.length + 1)),
});

const SERVICES = ['Istanze', 'InoltroProtocollo', 'InoltroConConferma', 'PosizioneTributaria'];

const agreement = (service: string, provider = 'c_h007'): RegistryDocument => ({
  kind: 'agreement',
  id: `sulmona-${provider}-${service}`,
  consumer: 'c_i804',
  provider,
  service,
  version: 1,
  ...(service === 'Istanze' && { perMinute: PER_MINUTE }),
});

function documents({ pratola, sulmona }: ExchangePlaces): readonly RegistryDocument[] {
  return [
    { kind: 'participant', id: 'r_abruzz', name: 'Regione Abruzzo', type: 'region' },
    { kind: 'participant', id: 'c_i804', name: 'Comune di Sulmona', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h007', name: 'Comune di Pratola Peligna', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h166', name: 'Comune di Raiano', type: 'municipality', parent: 'r_abruzz' },
    {
      kind: 'system',
      id: 'sulmona.sistema',
      participant: 'c_i804',
      credentials: [key('sulmona')],
      receives: { channel: 'box' },
      callbacks: [{ url: `${sulmona}/risposte`, headers: { authorization: CALLBACK_TOKEN } }],
    },
    {
      kind: 'system',
      id: 'pratola.sistema',
      participant: 'c_h007',
      credentials: [key('pratola')],
      receives: {
        channel: 'push-rest',
        url: pratola,
        shape: 'original',
        retry: { firstDelayMs: 50, maxDelayMs: 100 },
      },
      provides: SERVICES.map((service) => ({
        service,
        version: 1,
        ...(service === 'PosizioneTributaria' && { endpoint: { protocol: 'rest', url: pratola, timeoutMs: 2_000 } }),
      })),
    },
    {
      kind: 'system',
      id: 'raiano.sistema',
      participant: 'c_h166',
      credentials: [key('raiano')],
      receives: { channel: 'push-soap', url: `${pratola}/soap` },
      provides: [{ service: 'InoltroProtocollo', version: 1 }],
    },
    ...SERVICES.map((service) => agreement(service)),
    agreement('InoltroProtocollo', 'c_h166'),
  ];
}

const ISTANZE = {
  kind: 'service',
  id: 'Istanze',
  version: 1,
  title: 'Istanze',
  openapi: resolve('test/fixtures/istanze/openapi.yaml'),
};

/** InoltroProtocollo with a WSDL that promises the confirmation on the same connection, in a directory of its own. */
async function withConfirmation(): Promise<object> {
  const wsdl = await readFile('schemas/protocollo/1.0/InoltroProtocollo.wsdl', 'utf8');
  const taken = 'name="inoltroProtocolloRisposta"><wsdl:part name="corpo" element="g:presaInCarico"/>';
  const promised = taken.replace('g:presaInCarico', 'm:confermaProtocollazione');
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-schemas-'));
  await cp('schemas', directory, { recursive: true });
  const file = join(directory, 'protocollo/1.0/InoltroConConferma.wsdl');
  await writeFile(file, wsdl.replace(taken, promised));
  return {
    kind: 'service',
    id: 'InoltroConConferma',
    version: 1,
    title: 'Inoltro con conferma',
    wsdl: file,
    operations: [{ name: 'inoltroProtocollo', profile: 'async-receipt' }],
  };
}

/** A directory with the example services, the ModI patterns, and two municipalities that exchange by them; its path. */
export async function writeExchangeRegistry(places: ExchangePlaces): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  const services = await readFile('examples/registry/services.yaml', 'utf8');
  await writeFile(join(directory, 'services.yaml'), services.replaceAll('../../schemas', resolve('schemas')));
  await writeFile(join(directory, 'istanze.yaml'), stringify(ISTANZE));
  await writeFile(join(directory, 'conferma.yaml'), stringify(await withConfirmation()));
  const text = documents(places).map((document) => stringify(document));
  await writeFile(join(directory, 'participants.yaml'), text.join('---\n'));
  return directory;
}
