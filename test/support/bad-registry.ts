import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { writeRegistry } from './registry.js';

/** Payload namespace of the service `Elenco`: a list of whole numbers, and one of codes out of a long list of codes. */
export const LIST = 'urn:crocevia:prova:elenco';

const CODES = 5_000;
const codeAt = (at: number) => `codice-${String(at).padStart(6, '0')}`;
/** Valid, and compared with every other code before it is found so. */
export const LAST_CODE = codeAt(CODES - 1);

const LIST_XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:e="${LIST}" targetNamespace="${LIST}"
    elementFormDefault="qualified">
  <xs:element name="elenco"><xs:complexType><xs:sequence>
    <xs:element name="n" type="xs:int" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="codici"><xs:complexType><xs:sequence>
    <xs:element name="c" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:string">
      ${Array.from({ length: CODES }, (_, at) => `<xs:enumeration value="${codeAt(at)}"/>`).join('')}
    </xs:restriction></xs:simpleType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;

const LIST_JSON = { type: 'array', items: { type: 'integer' } };

const more: readonly RegistryDocument[] = [
  {
    kind: 'agreement',
    id: 'raiano-regione-in-pausa',
    consumer: 'c_h166',
    provider: 'r_abruzz',
    service: 'VariazioneAnagrafica',
    version: 1,
    intake: 'paused',
  },
  {
    kind: 'service',
    id: 'Elenco',
    version: 1,
    title: 'Elenco di numeri',
    xsd: 'elenco.xsd',
    operations: [
      {
        name: 'invio',
        profile: 'one-way',
        soapAction: 'urn:elenco',
        element: { namespace: LIST, name: 'elenco' },
        rest: { method: 'POST', path: '/elenchi' },
        jsonSchema: 'elenco.jsonschema',
      },
      {
        name: 'codici',
        profile: 'one-way',
        element: { namespace: LIST, name: 'codici' },
        rest: { method: 'POST', path: '/codici' },
      },
    ],
  },
  {
    kind: 'service',
    id: 'Piccolo',
    version: 1,
    title: 'Al più 4096 byte',
    wsdl: resolve('schemas/anagrafe/1.0/VariazioneAnagrafica.wsdl'),
    maxBytes: 4096,
    operations: [{ name: 'notificaVariazione', profile: 'one-way', rest: { method: 'POST', path: '/notifiche' } }],
  },
  {
    kind: 'system',
    id: 'raiano.prove',
    participant: 'c_h166',
    provides: ['Elenco', 'Piccolo'].map((service) => ({ service, version: 1 })),
    receives: { channel: 'box', shape: 'original' },
  },
  ...['Elenco', 'Piccolo'].map((service) => ({
    kind: 'agreement' as const,
    id: `prova-${service}`,
    consumer: 'c_i804',
    provider: 'c_h166',
    service,
    version: 1,
    filtersDuplicates: false,
  })),
  {
    kind: 'agreement',
    id: 'raiano-scaduto',
    consumer: 'c_h166',
    provider: 'c_h007',
    service: 'VariazioneAnagrafica',
    version: 1,
    validUntil: '2020-12-31T23:59:59Z',
  },
];

/** The test registry with two more services (`Elenco`, `Piccolo`) and an agreement that is over; everybody has a box. */
export async function writeBadInputRegistry(): Promise<string> {
  const box = { channel: 'box', shape: 'original' } as const;
  const directory = await writeRegistry({ pratola: box, regione: box });
  await writeFile(join(directory, 'elenco.xsd'), LIST_XSD);
  await writeFile(join(directory, 'prove.yaml'), more.map((document) => stringify(document)).join('---\n'));
  await writeFile(join(directory, 'elenco.jsonschema'), JSON.stringify(LIST_JSON));
  return directory;
}
