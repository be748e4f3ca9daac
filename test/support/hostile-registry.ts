import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument, SystemDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';

const CASE_XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:gw:case" elementFormDefault="qualified">
  <xs:element name="CaseBatch"><xs:complexType><xs:sequence>
    <xs:element name="Item" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Id" type="xs:int"/>
      <xs:element name="Name" type="xs:string"/>
      <xs:element name="BirthDate" type="xs:date"/>
      <xs:element name="Amount"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal">
        <xs:attribute name="currency" type="xs:string" use="required"/>
      </xs:extension></xs:simpleContent></xs:complexType></xs:element>
      <xs:element name="Note" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;

const text = { type: 'string', maxLength: 4_000 };
const name = { type: 'string', pattern: '^[\\x21-\\x7e]{1,64}$' };
const closedObject = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const CASE_JSON = closedObject({
  messageId: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
  sender: name,
  receiver: name,
  service: { const: 'case-submit' },
  conversationId: name,
  sequence: { type: 'integer', minimum: 0, maximum: 1_000_000 },
  payload: closedObject({
    id: { type: 'integer', minimum: 0 },
    name: text,
    birthDate: { type: 'string', format: 'date' },
    amount: { type: 'string', pattern: '^[0-9]{1,9}\\.[0-9]{2}$' },
    note: text,
  }),
});

const ENTITIES = ['entity-registry', 'entity-tax', 'entity-court'];
export const caseKey = (entity: string) => `${entity}.secret-${entity}`;
const agreementOn = (version: number, filtersDuplicates: boolean): RegistryDocument => ({
  kind: 'agreement',
  id: `cases-v${version}`,
  consumer: 'entity-registry',
  provider: 'entity-tax',
  service: 'case-submit',
  version,
  filtersDuplicates,
});

/** Its payload names sender and receiver. */
export const CASES_OVER_REST: RegistryDocument = {
  kind: 'service',
  id: 'case-submit',
  version: 2,
  title: 'Cases over REST',
  senderPath: 'sender',
  receiverPath: 'receiver',
  operations: [
    { name: 'submit', profile: 'one-way', rest: { method: 'POST', path: '/cases' }, jsonSchema: 'case.jsonschema' },
  ],
};

/** RabbitMQ user of each system. */
export const caseUser = (entity: string) => `${entity}-mq`;

/** SOAP is version 1, JSON version 2, because only the SOAP cases give their id to the gateway. */
const documents = (tax: Receives): readonly RegistryDocument[] => [
  ...ENTITIES.flatMap((id): readonly RegistryDocument[] => [
    { kind: 'participant', id, name: id, type: 'agency' },
    {
      kind: 'system',
      id: `${id}.system`,
      participant: id,
      credentials: [
        { kind: 'api-key', id, hash: hashSecret(`secret-${id}`) },
        { kind: 'basic', username: id, hash: hashSecret(id) },
        { kind: 'amqp', username: caseUser(id) },
      ],
      ...(id !== 'entity-registry' && {
        provides: [1, 2].map((version) => ({ service: 'case-submit', version })),
        receives: id === 'entity-tax' ? tax : BOX,
      }),
    },
  ]),
  {
    kind: 'service',
    id: 'case-submit',
    version: 1,
    title: 'Cases over SOAP',
    xsd: 'case.xsd',
    operations: [
      {
        name: 'submit',
        profile: 'one-way',
        soapAction: 'urn:gw:case:submit',
        element: { namespace: 'urn:gw:case', name: 'CaseBatch' },
      },
    ],
  },
  CASES_OVER_REST,
  agreementOn(1, true),
  agreementOn(2, false),
  ...(tax === BOX
    ? []
    : [{ ...agreementOn(1, true), id: 'cases-of-court', provider: 'entity-court' } as RegistryDocument]),
];

type Receives = NonNullable<SystemDocument['receives']>;
const BOX: Receives = { channel: 'box', shape: 'original' };

/** The service of the cases, over SOAP and over REST, who sends them and who receives them, in a box unless told otherwise (then the court has an agreement too); the path of its directory. */
export async function writeCaseRegistry(tax: Receives = BOX): Promise<string> {
  const registry = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  await writeFile(
    join(registry, 'cases.yaml'),
    documents(tax)
      .map((one) => stringify(one))
      .join('---\n'),
  );
  await writeFile(join(registry, 'case.xsd'), CASE_XSD);
  await writeFile(join(registry, 'case.jsonschema'), JSON.stringify(CASE_JSON));
  return registry;
}
