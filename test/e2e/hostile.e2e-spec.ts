import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { http } from '../support/client.js';
import { corpus } from '../support/corpus.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { sendHostile, type HostileAnswer, type HostileCase, type Stage } from '../support/hostile.js';
import { INTERNALS } from '../support/refusals.js';

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
const key = (entity: string) => `${entity}.secret-${entity}`;
const agreementOn = (version: number, filtersDuplicates: boolean): RegistryDocument => ({
  kind: 'agreement',
  id: `cases-v${version}`,
  consumer: 'entity-registry',
  provider: 'entity-tax',
  service: 'case-submit',
  version,
  filtersDuplicates,
});

/** SOAP is version 1, JSON version 2, because only the SOAP cases give their id to the gateway. */
const documents: readonly RegistryDocument[] = [
  ...ENTITIES.flatMap((id): readonly RegistryDocument[] => [
    { kind: 'participant', id, name: id, type: 'agency' },
    {
      kind: 'system',
      id: `${id}.system`,
      participant: id,
      credentials: [
        { kind: 'api-key', id, hash: hashSecret(`secret-${id}`) },
        { kind: 'basic', username: id, hash: hashSecret(id) },
      ],
      ...(id !== 'entity-registry' && {
        provides: [1, 2].map((version) => ({ service: 'case-submit', version })),
        receives: { channel: 'box', shape: 'original' } as const,
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
  {
    kind: 'service',
    id: 'case-submit',
    version: 2,
    title: 'Cases over REST',
    senderPath: 'sender',
    receiverPath: 'receiver',
    operations: [
      { name: 'submit', profile: 'one-way', rest: { method: 'POST', path: '/cases' }, jsonSchema: 'case.jsonschema' },
    ],
  },
  agreementOn(1, true),
  agreementOn(2, false),
];

/** Waiting for a later issue: signatures; `admin`, `backend` and `broker` cases are for other doors. */
const LATER_CLASSES = ['wss'];
const OTHER_SUITES = { jwt: 'hostile-tokens.e2e-spec.ts' };

/** Cases that are not run, with the reason. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'http-slow-loris':
    '500 connections that trickle: one is shown in bad-input.e2e-spec.ts, many belong to the load tests',
  'http-slow-read': '200 connections that do not read: belongs to the load tests',
  'http-slow-tls': '200 half-open TLS connections: belongs to the load tests',
  'mtom-eicar': 'wants a hook for an antivirus, which this gateway does not have; every answer would be right',
};

/** Cases whose answer differs from the corpus' expectation: the status given, and why it is as safe. */
const EXCEPTIONS: Readonly<Record<string, readonly [status: number | 'close', reason: string]>> = {
  'wf-comment-in-id': [
    202,
    'the text stands in gw:Sender, a header block that nobody reads: the credential is the sender',
  ],
  'wsa-sequence-negative': [202, 'gw:Sequence is a header block that nobody reads'],
  'soap-unqualified-header': [
    202,
    'the block asks for nothing and is ignored, like every block that is not understood',
  ],
  'mtom-cid-traversal': [202, 'a Content-ID is compared and never made a file name'],
  'http-09': [404, 'answered once, and the connection is closed: nothing can follow'],
  'query-nested': [405, 'nothing can be queried at this address, whatever the query says'],
};

const directory = corpus('security');
const index = (directory ? JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) : { cases: [] }) as {
  cases: readonly HostileCase[];
};
const inbound = index.cases.filter(
  (one) => one.direction === 'in' && !LATER_CLASSES.includes(one.class) && !(one.class in OTHER_SUITES),
);
const cases = inbound.filter(({ id }) => !(id in NOT_RUN));

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('hostile input, embedded', () => {
    const secret = `CANARY-${randomBytes(8).toString('hex')}`;
    const fetched: string[] = [];
    const accepted = new Set<string>();
    let canary: Server;
    let places: readonly string[];
    let gateway: RunningGateway;
    let stage: Stage;
    let run = 0;

    beforeAll(async () => {
      const [registry = '', data = ''] = (places = await Promise.all(
        ['registry', 'data'].map((use) => mkdtemp(join(tmpdir(), `crocevia-${use}-`))),
      ));
      await writeFile(join(registry, 'cases.yaml'), documents.map((one) => stringify(one)).join('---\n'));
      await writeFile(join(registry, 'case.xsd'), CASE_XSD);
      await writeFile(join(registry, 'case.jsonschema'), JSON.stringify(CASE_JSON));
      const canaryFile = join(data, '..', `crocevia-canary-${process.pid}.txt`);
      writeFileSync(canaryFile, `${secret}\n`);
      places = [...places, canaryFile];
      canary = createServer((asked, reply) => {
        fetched.push(asked.url ?? '');
        reply.end('<!ENTITY z "OOB">');
      });
      await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
      gateway = await startGateway({
        CROCEVIA_REGISTRY_DIR: registry,
        CROCEVIA_DATA_DIR: data,
        CROCEVIA_REQUEST_TIMEOUT_MS: '4000',
      });
      const host = `127.0.0.1:${(canary.address() as AddressInfo).port}`;
      stage = {
        directory,
        url: gateway.url,
        authorization: `Basic ${Buffer.from('entity-registry:entity-registry').toString('base64')}`,
        replacements: {
          '{{OOB}}': `http://${host}`,
          '{{OOB_HOST}}': host,
          '{{CANARY_FILE}}': canaryFile,
          '{{HOST}}': new URL(gateway.url).host,
          '{{OTHER_ENTITY_MSG}}': '00000000-0000-4000-8000-0000000000ff',
        },
        paths: {
          '/soap': '/soap/entity-tax/v1/case-submit',
          '/api/v1/messages': '/rest/entity-tax/v2/case-submit/cases',
        },
      };
    }, 120_000);

    afterAll(async () => {
      expect(await gateway.stop()).toBe(0);
      canary.close();
      await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
    }, 30_000);

    it.each(cases)(
      '$class $id: $title',
      async (one) => {
        const answer = await sendHostile(one, stage);
        run++;
        for (const location of answer.locations) accepted.add(location.split('/').at(-1) ?? '');
        const [excepted] = EXCEPTIONS[one.id] ?? [];
        const allowed = excepted === undefined ? (one.expected.status ?? []) : [excepted];
        expect(allowed).toContain(allowed.includes(answer.status) ? answer.status : inHttp(answer));
        if (one.request.raw && !one.id.includes('pipelined')) expect(answer.responses).toBeLessThan(2);
        for (const leak of [INTERNALS, /root:x:0/]) expect(answer.text).not.toMatch(leak);
        for (const leak of [secret, one.expected.mustNotContain ?? secret]) expect(answer.text).not.toContain(leak);
        expect(fetched).toEqual([]);
        expect((await http(`${gateway.url}/status`)).status).toBe(200);
      },
      30_000,
    );

    it('6: what was refused was never delivered: the receiver has exactly what was accepted', async () => {
      const taken: string[] = [];
      for (;;) {
        const { messages } = (await http(`${gateway.url}/box/messages?max=100`, { key: key('entity-tax') })).json<{
          messages: readonly { id: string }[];
        }>();
        if (messages.length === 0) break;
        taken.push(...messages.map(({ id }) => id));
      }
      expect(accepted.size).toBeGreaterThan(20);
      expect(taken.sort()).toEqual([...accepted].sort());
    });

    it('5: ran every case of the classes that apply, and fetched nothing', () => {
      const [left, excepted] = [Object.entries(NOT_RUN), Object.entries(EXCEPTIONS)];
      console.log(
        [
          `hostile input: ${run} of ${inbound.length} cases run, ${left.length} not run, ${excepted.length} exceptions`,
          ...left.map(([id, reason]) => `not run: ${id}: ${reason}`),
          ...excepted.map(([id, [status, reason]]) => `exception: ${id}: ${status}: ${reason}`),
        ].join('\n'),
      );
      expect(inbound).toHaveLength(210);
      expect(run).toBe(inbound.length - left.length);
      expect(fetched).toEqual([]);
      expect(gateway.logs()).not.toContain(secret);
    });
  });

/** SOAP 1.1 §6.2 gives every fault the status 500: one that blames the sender counts as 400. */
const inHttp = ({ status, text: body }: HostileAnswer) =>
  status === 500 && /<faultcode>soap:(Client|MustUnderstand|VersionMismatch)</.test(body) ? 400 : status;
