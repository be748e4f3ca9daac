import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { verifySecret } from '../../src/registry/secret.js';
import {
  RegistryError,
  type Registry,
  type RegistryProblem,
  type RegistrySource,
} from '../../src/registry/registry.js';

const EXAMPLES = 'examples/registry';
const load = (directory: string, env = {}): Promise<Registry> => createFileRegistry({ directory, env }).reload();

async function problemsOf(directory: string): Promise<readonly RegistryProblem[]> {
  const error: unknown = await load(directory).catch((thrown: unknown) => thrown);
  if (!(error instanceof RegistryError)) throw new Error('the registry was loaded', { cause: error });
  return error.problems;
}

const directories: string[] = [];
async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

const SERVICE = `kind: service
id: Nota
version: 1
title: Nota
xsd: nota.xsd
operations: [{ name: nota, profile: one-way, element: { namespace: 'urn:nota', name: nota }, eventType: it.nota }]
`;
const xsd = (body: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:n="urn:nota" targetNamespace="urn:nota">${body}</xs:schema>`;
const NOTA_XSD = xsd('<xs:element name="nota" type="xs:string"/>');
const BODIES = `kind: participant
id: c_a
name: A
type: municipality
---
kind: participant
id: c_b
name: B
type: municipality
`;
const MORE = `kind: participant
id: c_c
name: C
type: municipality
`;

describe('an agreement that was revoked', () => {
  const registryWith = (status: string) =>
    directoryWith({
      'nota.xsd': NOTA_XSD,
      'all.yaml': `${BODIES}---
${SERVICE}---
kind: agreement
id: a-b
consumer: c_a
provider: c_b
service: Nota
version: 1
status: ${status}
`,
    });

  it('4: does not hold the provider to provide the service', async () => {
    expect(await problemsOf(await registryWith('suspended'))).toMatchObject([
      { message: 'no system of c_b provides Nota v1' },
    ]);
    expect((await load(await registryWith('revoked'))).agreement('c_a', 'c_b', 'Nota', 1)?.status).toBe('revoked');
  });
});

describe('the example registry', () => {
  it('2: says who takes part, what they offer and who may call whom', async () => {
    const registry = await load(EXAMPLES);
    expect(registry.participant('c_i804')).toEqual({
      id: 'c_i804',
      name: 'Comune di Sulmona',
      kind: 'municipality',
      parent: 'cst_aq',
    });
    expect(registry.systems().map(({ id }) => id)).toEqual([
      'sulmona.anagrafe',
      'pratola.anagrafe',
      'pratola.protocollo',
      'pratola.tributi',
      'regione.anagrafe',
    ]);
    expect(registry.versions('VariazioneAnagrafica')).toEqual([1]);
    expect(registry.versions('Altro')).toEqual([]);
    expect(registry.provider('c_h007', 'InoltroProtocollo', 1)?.id).toBe('pratola.protocollo');
    expect(registry.provider('c_h007', 'PraticaSuap', 1)).toBeUndefined();
    expect(registry.agreement('c_i804', 'c_h007', 'VariazioneAnagrafica', 1)).toMatchObject({
      status: 'active',
      operations: null,
      expiresAfter: 432_000,
      filtersDuplicates: false,
    });
    expect(registry.agreement('c_i804', 'c_h007', 'InoltroProtocollo', 1)).toMatchObject({
      operations: ['inoltroProtocollo'],
      filtersDuplicates: true,
    });
    const subscribers = registry.agreementsForEvent('c_i804', 'it.crocevia.anagrafe.variazione.v1');
    expect(subscribers.map(({ provider }) => provider).sort()).toEqual(['c_h007', 'r_abruzz']);
    expect(registry.agreementsForEvent('c_h007', 'it.crocevia.anagrafe.variazione.v1')).toEqual([]);
  });

  it('2: takes element, SOAPAction and answer of an operation from the WSDL', async () => {
    const [notice] = (await load(EXAMPLES)).service('VariazioneAnagrafica', 1)?.operations ?? [];
    expect(notice).toMatchObject({
      profile: 'one-way',
      soapAction: 'https://schemi.crocevia.example/anagrafe/1.0/notificaVariazione',
      element: { namespace: 'https://schemi.crocevia.example/anagrafe/1.0', name: 'notificaVariazioneAnagrafica' },
      acknowledged: true,
    });
    const [query] = (await load(EXAMPLES)).service('PosizioneTributaria', 1)?.operations ?? [];
    expect(query).toMatchObject({ profile: 'query', acknowledged: false });
  });

  it('5: knows the demo systems by their credentials', async () => {
    const registry = await load(EXAMPLES);
    const [known] = registry.credentials('api-key', 'sulmona');
    expect(known?.system.id).toBe('sulmona.anagrafe');
    expect(registry.credentials('basic', 'nobody')).toEqual([]);
    const secrets = ['sulmona', 'pratola', 'regione'].map(async (name) => {
      const credential = registry.credentials('api-key', name)[0]?.credential;
      return verifySecret(`demo-${name}-anagrafe`, credential?.kind === 'api-key' ? credential.hash : '');
    });
    expect(await Promise.all(secrets)).toEqual([true, true, true]);
  });

  it('2: reads env:NAME|fallback in addresses', async () => {
    const urlOf = (registry: Registry) => {
      const receives = registry.system('regione.anagrafe')?.receives;
      return receives && 'url' in receives ? receives.url : null;
    };
    expect(urlOf(await load(EXAMPLES))).toBe('http://127.0.0.1:8092/');
    expect(urlOf(await load(EXAMPLES, { REGIONE_URL: 'http://127.0.0.1:9999/x' }))).toBe('http://127.0.0.1:9999/x');
  });
});

describe('a registry with mistakes', () => {
  it('2: names every wrong member with file, line and hint', async () => {
    const directory = await directoryWith({
      'a.yaml': 'kind: participant\nid: c_a\nname: A\ntype: town\ncolour: red\n---\nkind: service\nid: X\nversion: 0\n',
      'b.json': '{\n  "kind": "sistem"\n}',
      'c.yaml': 'kind: system\nid: s\nparticipant: c_a\nreceives:\n  channel: push-rest\n  shape: json\n',
      'd.yaml': 'kind: [unclosed\n',
    });
    const problems = await problemsOf(directory);
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual(
      expect.arrayContaining(['a.yaml:4', 'a.yaml:5', 'a.yaml:9', 'b.json:2', 'c.yaml:4', 'd.yaml:2']),
    );
    expect(problems).toContainEqual({
      file: 'a.yaml',
      line: 5,
      message: 'colour is not known here',
      hint: 'known: kind, id, name, type, parent, disclosure, limits, encryptPayloads, suspended',
    });
    expect(problems.find(({ line, file }) => file === 'c.yaml' && line === 4)).toMatchObject({
      message: 'receives lacks url',
      hint: 'http(s) address, or env:NAME|fallback',
    });
  });

  it('2: names every reference that leads nowhere', async () => {
    const directory = await directoryWith({
      'nota.xsd': NOTA_XSD,
      'services.yaml': SERVICE,
      'bodies.yaml': `${BODIES}parent: c_x
---
kind: participant
id: c_c
name: C
type: municipality
parent: c_d
---
kind: participant
id: c_d
name: D
type: municipality
parent: c_c
---
kind: participant
id: c_a
name: A again
type: municipality
`,
      'systems.yaml': `kind: system
id: a.one
participant: c_a
credentials: [{ kind: tls, thumbprint: ${'ab'.repeat(32)} }]
provides: [{ service: Nota, version: 1 }]
receives: { channel: box }
---
kind: system
id: a.two
participant: c_z
credentials: [{ kind: tls, thumbprint: ${'ab'.repeat(32)} }]
provides: [{ service: Nota, version: 2 }]
---
kind: system
id: a.three
participant: c_a
provides: [{ service: Nota, version: 1 }]
receives: { channel: push-rest, url: 'env:NOWHERE', headers: { authorization: 'env:TOKEN' } }
`,
      'agreements.yaml': `kind: agreement
id: one
consumer: c_a
provider: c_b
service: Nota
version: 1
---
kind: agreement
id: two
consumer: c_q
provider: c_a
service: Nota
version: 1
operations: [nota, altra]
---
kind: agreement
id: three
consumer: c_b
provider: c_a
service: Avviso
version: 1
`,
    });
    const said = (await problemsOf(directory)).map(({ file, line, message }) => `${file}:${line} ${message}`);
    expect(said).toEqual([
      'agreements.yaml:4 no system of c_b provides Nota v1',
      'agreements.yaml:10 no participant c_q',
      'agreements.yaml:14 Nota v1 has no operation altra',
      'agreements.yaml:20 no service Avviso v1',
      'bodies.yaml:10 no participant c_x',
      'bodies.yaml:16 c_c > c_d > c_c is a circle',
      'bodies.yaml:22 c_d > c_c > c_d is a circle',
      'bodies.yaml:25 participant c_a is written twice',
      `systems.yaml:10 no participant c_z`,
      `systems.yaml:11 credential tls ${'ab'.repeat(32)} is written twice`,
      'systems.yaml:12 no service Nota v2',
      'systems.yaml:12 a.two provides services and has no receives:',
      'systems.yaml:17 Nota v1 of c_a is provided twice',
      'systems.yaml:18 NOWHERE is not in the environment',
      'systems.yaml:18 TOKEN is not in the environment',
    ]);
  });

  it('1: names an endpoint that cannot be asked as it is written', async () => {
    const system = (provides: string, credentials = '[]') =>
      directoryWith({
        'nota.xsd': NOTA_XSD,
        'services.yaml': SERVICE,
        'bodies.yaml': BODIES,
        'systems.yaml': `kind: system
id: a.one
participant: c_a
credentials: ${credentials}
provides:
${provides}
`,
      });
    const endpoint = (more: string) => `  - { service: Nota, version: 1, endpoint: { protocol: rest${more} } }`;
    const user = '[{ kind: amqp, username: a }]';
    expect(await problemsOf(await system(endpoint(', by: amqp')))).toEqual([
      {
        file: 'systems.yaml',
        line: 6,
        message: 'it is asked by AMQP, and the system has no amqp credential',
        hint: 'credentials: [{ kind: amqp, username: ... }]',
      },
    ]);
    const both = await problemsOf(await system(endpoint(", by: amqp, url: 'http://a.example'"), user));
    expect(both[0]?.message).toBe('provides.0.endpoint.url does not belong here');
    expect((await problemsOf(await system(endpoint(', by: ftp'), user)))[0]?.message).toMatch(/endpoint\.by must be/);
    const mixed = await problemsOf(await system(`${endpoint(', by: amqp')}\n${endpoint('')}`, user));
    expect(mixed).toContainEqual({
      file: 'systems.yaml',
      line: 7,
      message: 'it has no url, and another endpoint of this system has one or is asked by AMQP',
      hint: 'url: or by: amqp in all, or both in none',
    });
  });

  it('6: names what is wrong with an operator', async () => {
    const hash = 'scrypt$16384$8$1$' + 'a'.repeat(22) + '$' + 'b'.repeat(43);
    const operator = (id: string, more: string, tokens = `[{ id: ${id}, hash: ${hash} }]`) =>
      `kind: operator\nid: ${id}\nname: X\n${more}\ntokens: ${tokens}\n`;
    const shapes = await directoryWith({
      'a.yaml': operator('a', 'role: platform\nscope: c_a'),
      'b.yaml': operator('b', 'role: participant'),
      'c.yaml': operator('c', 'role: auditor', '[]'),
      'd.yaml': operator('d', 'role: admin', `[{ id: d.1, hash: ${hash} }, { id: d2, hash: secret }]`),
    });
    const said = async (directory: string) =>
      (await problemsOf(directory)).map(({ file, line, message }) => `${file}:${line} ${message}`);
    expect(await said(shapes)).toEqual([
      'a.yaml:5 scope does not belong here',
      'b.yaml:1 the document lacks scope',
      'c.yaml:5 tokens must NOT have fewer than 1 items',
      'd.yaml:4 role must be equal to one of the allowed values',
      expect.stringContaining('d.yaml:5 tokens.0.id must match pattern'),
      expect.stringContaining('d.yaml:5 tokens.1.hash must match pattern'),
    ]);
    const names = await directoryWith({
      'a.yaml': operator('platform', 'role: service-centre\nscope: c_nobody'),
      'b.yaml': operator('x', 'role: auditor'),
      'c.yaml': operator('x', 'role: auditor'),
    });
    expect(await said(names)).toEqual([
      'a.yaml:2 platform is the operator of CROCEVIA_ADMIN_TOKEN',
      'a.yaml:5 no participant c_nobody',
      'c.yaml:2 operator x is written twice',
      'c.yaml:5 token x is written twice',
    ]);
  });

  it('3: an operator may be known by its identity at the issuer alone, which is nobody else’s', async () => {
    const operator = (id: string, identity: string) =>
      `kind: operator\nid: ${id}\nname: X\nrole: auditor\nidentity: ${identity}\n`;
    const directory = await directoryWith({
      'a.yaml': operator('a', 'a@comune.example'),
      'b.yaml': operator('b', 'b@comune.example'),
      'c.yaml': operator('c', 'a@comune.example'),
    });
    expect(await problemsOf(directory)).toMatchObject([
      { file: 'c.yaml', line: 5, message: 'identity a@comune.example is written twice', hint: 'a has it' },
    ]);
  });

  it.each([
    ['a file that is not there', SERVICE.replace('nota.xsd', 'altra.xsd'), NOTA_XSD, 5, 'altra.xsd cannot be read'],
    [
      'an import from the network',
      SERVICE,
      xsd('<xs:import namespace="urn:x" schemaLocation="https://a.example/x.xsd"/>'),
      5,
      '"https://a.example/x.xsd" in nota.xsd is not at hand',
    ],
    [
      'a schema that does not compile',
      SERVICE,
      xsd('<xs:element name="nota" type="n:Nessuno"/>'),
      5,
      'nota.xsd, line 1: the schema does not compile: ',
    ],
    ['a schema that is not well-formed', SERVICE, '<xs:schema', 5, 'nota.xsd, line 1: not well-formed'],
    [
      'an element that no schema declares',
      SERVICE.replace('name: nota }', 'name: noto }'),
      NOTA_XSD,
      6,
      'the schemas declare no element {urn:nota}noto',
    ],
    [
      'an operation without a profile',
      SERVICE.replace('profile: one-way, ', ''),
      NOTA_XSD,
      6,
      'operation nota has no profile',
    ],
  ])('2: refuses a service with %s', async (_, service, schema, line, message) => {
    const directory = await directoryWith({ 'services.yaml': service, 'nota.xsd': schema });
    const problems = await problemsOf(directory);
    expect(problems[0]).toMatchObject({ file: 'services.yaml', line });
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
  });

  it('2: says that a directory is not there, or is empty', async () => {
    expect((await problemsOf(join(tmpdir(), 'crocevia-nowhere')))[0]?.message).toContain('ENOENT');
    expect((await problemsOf(await directoryWith({})))[0]?.message).toBe('holds no document');
  });
});

describe('the published schemas that a service names', () => {
  it('2: follows include and import through ../ and blanks, and takes remote locations from the catalog', async () => {
    const directory = await directoryWith({
      'services.yaml': `${SERVICE}catalog: { 'https://a.example/tipi.xsd': tipi.xsd }\n`,
      'nota.xsd': xsd(
        `<xs:include schemaLocation=" ./parte due.xsd "/><xs:import namespace="urn:t" schemaLocation="https://a.example/tipi.xsd"/>
         <xs:element name="nota" type="n:Nota"/>`,
      ),
      'parte due.xsd': xsd(
        '<xs:include schemaLocation="nota.xsd"/><xs:include schemaLocation="parte%20tre.xsd"/><xs:complexType name="Nota"/>',
      ),
      'parte tre.xsd': xsd(''),
      'tipi.xsd': '<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"/>',
    });
    const bundle = (await load(directory)).service('Nota', 1)?.operations[0]?.xsd;
    expect(Object.keys(bundle?.documents ?? {}).sort()).toEqual([
      'nota.xsd',
      'parte_due.xsd',
      'parte_tre.xsd',
      'tipi.xsd',
    ]);
    expect(bundle?.documents['nota.xsd']).toContain('schemaLocation="parte_due.xsd"');
    expect(bundle?.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('2: joins several schemas inside a WSDL that lean on its prefixes and on each other', async () => {
    const directory = await directoryWith({
      'services.yaml': 'kind: service\nid: Nota\nversion: 1\ntitle: Nota\nwsdl: nota.wsdl\n',
      'nota.wsdl': `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema"
          xmlns:n="urn:nota" xmlns:t="urn:t" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" targetNamespace="urn:nota">
        <types>
          <x:schema targetNamespace="urn:nota"><x:import namespace="urn:t"/><x:element name="nota" type="t:Testo"/></x:schema>
          <x:schema targetNamespace="urn:t"><x:simpleType name="Testo"><x:restriction base="x:string"/></x:simpleType></x:schema>
        </types>
        <message name="In"><part name="testata" element="n:altro"/><part name="corpo" element="n:nota"/></message>
        <portType name="P"><operation name="invia"><input message="n:In"/></operation></portType>
        <binding name="B" type="n:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
          <operation name="invia"><s:operation soapAction=""/><input><s:header part="testata" message="n:In" use="literal"/><s:body use="literal"/></input></operation>
        </binding>
      </definitions>`,
    });
    expect((await load(directory)).service('Nota', 1)?.operations).toMatchObject([
      {
        name: 'invia',
        profile: 'one-way',
        soapAction: null,
        element: { namespace: 'urn:nota', name: 'nota' },
        acknowledged: false,
      },
    ]);
  });
});

describe('a registry that changes', () => {
  const sources: RegistrySource[] = [];
  afterEach(() => Promise.all(sources.splice(0).map((source) => source.stop())));

  async function started() {
    const directory = await directoryWith({ 'nota.xsd': NOTA_XSD, 'services.yaml': SERVICE, 'bodies.yaml': BODIES });
    const source = createFileRegistry({ directory, env: {} });
    sources.push(source);
    const changes: Registry[] = [];
    const problems: RegistryError[] = [];
    const waiting: (() => void)[] = [];
    const told = () => waiting.splice(0).forEach((wake) => wake());
    source.onChange((registry) => (changes.push(registry), told()));
    source.onProblem((error) => (problems.push(error), told()));
    await source.start();
    const next = () => new Promise<void>((wake) => waiting.push(wake));
    return { directory, source, changes, problems, next };
  }

  it('2: swaps the whole snapshot when a document or a schema changes', async () => {
    const { directory, source, changes, next } = await started();
    const before = source.current();
    const first = next();
    await writeFile(join(directory, 'bodies.yaml'), BODIES.replace('name: B', 'name: Bi'));
    await first;
    expect(source.current().participant('c_b')?.name).toBe('Bi');
    expect(before.participant('c_b')?.name).toBe('B');
    const second = next();
    await writeFile(join(directory, 'nuova.xsd'), NOTA_XSD.replace('xs:string', 'xs:token'));
    await rename(join(directory, 'nuova.xsd'), join(directory, 'nota.xsd'));
    await second;
    expect(source.current().service('Nota', 1)?.operations[0]?.xsd?.key).not.toBe(
      before.service('Nota', 1)?.operations[0]?.xsd?.key,
    );
    expect(new Set([before, ...changes].map(({ revision }) => revision)).size).toBe(3);
  });

  it('2: does not read a file that is being written when the notice of another one is due', async () => {
    const { directory, changes, problems, next } = await started();
    const extra = join(directory, 'extra.yaml');
    const added = next();
    await writeFile(extra, MORE);
    await added;
    const changed = next();
    await writeFile(join(directory, 'bodies.yaml'), BODIES.replace('name: B', 'name: Bi'));
    await pause(100);
    // Held up until the notice is due, as a busy machine is; then the other file is emptied, and written a moment later.
    for (const due = Date.now() + 200; Date.now() < due;);
    writeFileSync(extra, '');
    setTimeout(() => writeFileSync(extra, MORE), 30);
    await changed;
    expect(problems).toEqual([]);
    expect(changes.map((registry) => registry.participant('c_c')?.name)).toEqual(['C', 'C']);
  });

  it('2: keeps the last good snapshot and reports when a change is wrong, and recovers', async () => {
    const { directory, source, problems, next } = await started();
    const before = source.current();
    const wrong = next();
    await writeFile(join(directory, 'bodies.yaml'), BODIES.replace('type: municipality', 'type: town'));
    await wrong;
    expect(problems[0]?.problems[0]).toMatchObject({ file: 'bodies.yaml', line: 4 });
    expect(source.current()).toBe(before);
    await expect(source.reload()).rejects.toBeInstanceOf(RegistryError);
    expect(source.current()).toBe(before);
    const right = next();
    await writeFile(join(directory, 'bodies.yaml'), BODIES.replace('name: A', 'name: Aa'));
    await right;
    expect(source.current().participant('c_a')?.name).toBe('Aa');
  });

  it('2: refuses to start on a wrong registry', async () => {
    const directory = await directoryWith({ 'x.yaml': 'kind: nothing\n' });
    const source = createFileRegistry({ directory, env: {} });
    sources.push(source);
    await expect(source.start()).rejects.toBeInstanceOf(RegistryError);
    expect(() => source.current()).toThrow('start()');
  });
});
