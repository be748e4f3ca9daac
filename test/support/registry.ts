import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { hashSecret } from '../../src/registry/secret.js';
import type { RegistryDocument, SystemDocument } from '../../src/registry/documents/document-types.js';

/** `X-API-Key` of each system of the test registry. */
export const KEYS = {
  sulmona: 'sulmona.secret-sulmona',
  pratola: 'pratola.secret-pratola',
  regione: 'regione.secret-regione',
  raiano: 'raiano.secret-raiano',
} as const;
export const BASIC = `Basic ${Buffer.from('sulmona-user:secret-sulmona').toString('base64')}`;

const key = (id: keyof typeof KEYS) => ({
  kind: 'api-key' as const,
  id,
  hash: hashSecret(KEYS[id].slice(id.length + 1)),
});

export interface TestDestinations {
  /** How Pratola, the SOAP municipality, receives. */
  readonly pratola: NonNullable<SystemDocument['receives']>;
  /** How the region receives; null: its system receives nothing any more, another one has taken its services over. */
  readonly regione: SystemDocument['receives'] | null;
  /** Where Sulmona's receipts are pushed; fetched where it is left out. */
  readonly sulmonaReceipts?: string;
  /** RabbitMQ user names of systems that speak AMQP. */
  readonly amqp?: { readonly sulmona?: string; readonly regione?: string };
  /** Seconds after which deliveries of the region's agreement expire. */
  readonly expiresAfter?: number;
  /** An agreement by which Pratola sends notices to the region too. */
  readonly another?: { readonly maxPriority?: number };
  /** True: what Sulmona sends to the region goes in order. */
  readonly ordered?: boolean;
}

const PROVIDED = ['VariazioneAnagrafica', 'InoltroProtocollo', 'PraticaSuap', 'PosizioneTributaria'].map((service) => ({
  service,
  version: 1,
}));

function participants(): readonly RegistryDocument[] {
  return [
    { kind: 'participant', id: 'r_abruzz', name: 'Regione Abruzzo', type: 'region' },
    { kind: 'participant', id: 'c_i804', name: 'Comune di Sulmona', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h007', name: 'Comune di Pratola Peligna', type: 'municipality', parent: 'r_abruzz' },
    { kind: 'participant', id: 'c_h166', name: 'Comune di Raiano', type: 'municipality', parent: 'r_abruzz' },
  ];
}

function systems({ pratola, regione, sulmonaReceipts, amqp }: TestDestinations): readonly RegistryDocument[] {
  return [
    {
      kind: 'system',
      id: 'sulmona.anagrafe',
      participant: 'c_i804',
      credentials: [
        key('sulmona'),
        { kind: 'basic', username: 'sulmona-user', hash: hashSecret('secret-sulmona') },
        ...(amqp?.sulmona ? [{ kind: 'amqp' as const, username: amqp.sulmona }] : []),
      ],
      provides: PROVIDED,
      receives: { channel: 'box', shape: 'original' },
      ...(sulmonaReceipts && { receiptsTo: { url: sulmonaReceipts } }),
    },
    {
      kind: 'system',
      id: 'pratola.protocollo',
      participant: 'c_h007',
      credentials: [key('pratola')],
      provides: PROVIDED,
      receives: pratola,
    },
    {
      kind: 'system',
      id: 'regione.anagrafe',
      participant: 'r_abruzz',
      credentials: [key('regione'), ...(amqp?.regione ? [{ kind: 'amqp' as const, username: amqp.regione }] : [])],
      ...(regione && { provides: PROVIDED, receives: regione }),
    },
    ...(regione
      ? []
      : [
          {
            kind: 'system' as const,
            id: 'regione.nuovo',
            participant: 'r_abruzz',
            provides: PROVIDED,
            receives: { channel: 'box' as const },
          },
        ]),
    { kind: 'system', id: 'raiano.anagrafe', participant: 'c_h166', credentials: [key('raiano')] },
  ];
}

const agreement = (consumer: string, provider: string, service: string, more: object = {}): RegistryDocument => ({
  kind: 'agreement',
  id: `${consumer}-${provider}-${service}`,
  consumer,
  provider,
  service,
  version: 1,
  ...more,
});

function agreements({ expiresAfter, ordered, another }: TestDestinations): readonly RegistryDocument[] {
  return [
    agreement('c_i804', 'c_h007', 'VariazioneAnagrafica', { subscribes: true, filtersDuplicates: false }),
    agreement('c_i804', 'r_abruzz', 'VariazioneAnagrafica', {
      subscribes: true,
      filtersDuplicates: false,
      ...(expiresAfter && { expiresAfter }),
      ...(ordered && { ordered }),
    }),
    ...(another ? [agreement('c_h007', 'r_abruzz', 'VariazioneAnagrafica', another)] : []),
    agreement('c_i804', 'c_h007', 'InoltroProtocollo', { filtersDuplicates: true }),
    agreement('c_h007', 'c_i804', 'InoltroProtocollo', { filtersDuplicates: false }),
    agreement('r_abruzz', 'c_i804', 'PosizioneTributaria'),
    agreement('c_i804', 'r_abruzz', 'PraticaSuap', { status: 'suspended' }),
  ];
}

/** A directory with the example services and test participants; returns its path. */
export async function writeRegistry(destinations: TestDestinations): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  const services = await readFile('examples/registry/services.yaml', 'utf8');
  await writeFile(join(directory, 'services.yaml'), services.replaceAll('../../schemas', resolve('schemas')));
  await writeParticipants(directory, destinations);
  return directory;
}

/** Writes (again) participants, systems and agreements of a test registry. */
export async function writeParticipants(directory: string, destinations: TestDestinations): Promise<void> {
  const documents = [...participants(), ...systems(destinations), ...agreements(destinations)];
  await writeFile(join(directory, 'participants.yaml'), documents.map((document) => stringify(document)).join('---\n'));
}
