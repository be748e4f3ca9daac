import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf, directoryWith, SERVICE, xsd, NOTA_XSD, BODIES } from './registry-files.js';

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
