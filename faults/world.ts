import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Receivers } from './receivers.js';
import { hashSecret } from '../src/registry/secret.js';
import type { RegistryDocument } from '../src/registry/documents/document-types.js';

const NAMESPACE = 'urn:crocevia:faults';
export const ACTION = `"${NAMESPACE}:avviso"`;
export const PUSH_LIMIT_MS = 2_000;

const two = (n: number) => String(n).padStart(2, '0');
export const SENDERS = Array.from({ length: 4 }, (_, n) => `s_${two(n + 1)}`);
/** Their agreements ask for order: one of them speaks REST, one SOAP. */
export const ORDERED = SENDERS.slice(0, 2);
export const RECEIVERS = Array.from({ length: 20 }, (_, n) => `r_${two(n + 1)}`);
export const keyOf = (sender: string) => `${sender}.secret-${sender}`;
/** They are reached over TLS: one speaks REST, one SOAP. */
export const SECURE = RECEIVERS.slice(10, 12);
/** Half of the receivers speak SOAP; what they get was sent in it, so that contents can be compared byte by byte. */
export const speaksSoap = (receiver: string) => Number(receiver.slice(2)) % 2 === 0;

const XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NAMESPACE}" elementFormDefault="qualified">
  <xs:element name="avviso"><xs:complexType><xs:sequence>
    <xs:element name="conversazione" type="xs:string"/><xs:element name="numero" type="xs:integer"/>
    <xs:element name="testo" type="xs:string"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;

/** The content element of a message. */
export const contentOf = (conversation: string, number: number, text: string) =>
  `<n:avviso xmlns:n="${NAMESPACE}"><n:conversazione>${conversation}</n:conversazione><n:numero>${number}</n:numero><n:testo>${text}</n:testo></n:avviso>`;

export const envelopeOf = (id: string, content: string) =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><wsa:MessageID>${id}</wsa:MessageID></soap:Header><soap:Body>${content}</soap:Body></soap:Envelope>`;

export interface Content {
  readonly conversation: string;
  readonly number: number;
  readonly digest: string;
}

/** Reads what {@link contentOf} wrote, whatever stands around it. */
export function readContent(body: string): Content {
  const element = /<n:avviso[^]*<\/n:avviso>/.exec(body)?.[0] ?? '';
  const [, conversation = '', number = '-1'] =
    /<n:conversazione>([^<]*)<\/n:conversazione><n:numero>(\d+)</.exec(element) ?? [];
  return { conversation, number: Number(number), digest: digestOf(element) };
}

export const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Makes the registry of the bench: four senders, twenty receivers, each sender with an agreement with each receiver. */
export async function writeWorld(receivers: Reached): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-faults-'));
  await writeVersions(directory, receivers, [1]);
  return directory;
}

/** Writes these versions of the interface, each with its agreements, over what is there: who reads meanwhile finds a half. */
export async function writeVersions(
  directory: string,
  receivers: Reached,
  versions: readonly number[],
  xsd = XSD,
): Promise<void> {
  const documents = [
    ...bodies(receivers),
    ...systems(receivers, versions),
    ...versions.flatMap((version) => [service(version), ...agreements(version)]),
  ];
  await writeFile(join(directory, fileOf(versions.at(-1)!)), xsd);
  await writeFile(join(directory, 'registry.yaml'), documents.map((document) => stringify(document)).join('---\n'));
}

const fileOf = (version: number) => `avviso-${version}.xsd`;
/** No schema: it lacks its end. */
export const BROKEN_XSD = XSD.slice(0, -20);

/** Where the receivers are. */
type Reached = Pick<Receivers, 'url' | 'secureUrl' | 'renewals'>;

/** Who renews the certificate tells the operator, who notes it. */
const bodies = ({ renewals }: Reached): readonly RegistryDocument[] =>
  [...SENDERS, ...RECEIVERS].map((id) => ({
    kind: 'participant',
    id,
    name: SECURE.includes(id) && renewals() > 0 ? `Ente ${id}, certificato ${renewals()}` : `Ente ${id}`,
    type: 'municipality',
  }));

function systems(reached: Reached, versions: readonly number[]): readonly RegistryDocument[] {
  const senders = SENDERS.map((id) => ({
    kind: 'system' as const,
    id: `${id}.system`,
    participant: id,
    credentials: [{ kind: 'api-key' as const, id, hash: hashSecret(`secret-${id}`) }],
  }));
  const receivers = RECEIVERS.map((id) => ({
    kind: 'system' as const,
    id: `${id}.system`,
    participant: id,
    provides: versions.map((version) => ({ service: 'Avviso', version })),
    receives: {
      channel: speaksSoap(id) ? ('push-soap' as const) : ('push-rest' as const),
      url: `${SECURE.includes(id) ? reached.secureUrl : reached.url}/${id}`,
      timeoutMs: PUSH_LIMIT_MS,
      concurrency: 8,
      retry: { attempts: 100, firstDelayMs: 200, maxDelayMs: 2_000 },
    },
  }));
  return [...senders, ...receivers];
}

const service = (version: number): RegistryDocument => ({
  kind: 'service',
  id: 'Avviso',
  version,
  title: 'Avviso',
  xsd: fileOf(version),
  operations: [
    {
      name: 'avviso',
      profile: 'one-way',
      soapAction: `${NAMESPACE}:avviso`,
      rest: { method: 'POST', path: '/avvisi' },
      element: { namespace: NAMESPACE, name: 'avviso' },
    },
  ],
});

const agreements = (version: number): readonly RegistryDocument[] =>
  SENDERS.flatMap((consumer) =>
    RECEIVERS.map((provider) => ({
      kind: 'agreement' as const,
      id: `${consumer}-${provider}-${version}`,
      consumer,
      provider,
      service: 'Avviso',
      version,
      filtersDuplicates: true,
      receipts: false,
      ordered: ORDERED.includes(consumer),
    })),
  );
