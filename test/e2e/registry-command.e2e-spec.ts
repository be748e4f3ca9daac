import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { PortableDocument } from '../../src/registry/documents/portable.js';
import { packTransfer, readTransfer } from '../../src/registry/bundle/transfer.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as a user does, without a terminal. */
async function run(args: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'] };
  const child = spawn(process.execPath, ['dist/cli/crocevia.js', ...args], { env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

const NOTA = (maxLength: number) => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:nota">
  <xs:element name="nota"><xs:simpleType><xs:restriction base="xs:string">
    <xs:maxLength value="${maxLength}"/>
  </xs:restriction></xs:simpleType></xs:element>
</xs:schema>`;
const SERVICE = (version: number) => `kind: service
id: Nota
version: ${version}
title: Nota
xsd: nota.xsd
operations:
  - { name: nota, profile: one-way, element: { namespace: 'urn:nota', name: nota }, rest: { method: POST, path: /note } }
`;

jest.setTimeout(60_000);

describe('the registry and service commands, embedded', () => {
  let gateway: RunningGateway;
  let data: string;
  const operator = (...args: readonly string[]) => run(['--url', gateway.url, '--token', ADMIN_TOKEN, ...args]);
  const file = (name: string) => join(data, name);
  const documents = async (name: string) => readTransfer(await readFile(file(name)));
  const archive = async (name: string, inputs: readonly PortableDocument[]) =>
    writeFile(file(name), await packTransfer(inputs));
  const participant = (id: string, name: string): PortableDocument => ({
    document: { kind: 'participant', id, name, type: 'municipality', parent: 'r_abruzz' },
    files: new Map(),
  });

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'crocevia-registry-command-'));
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    gateway = await startGateway({ CROCEVIA_DATA_DIR: file('db'), CROCEVIA_REGISTRY_DIR: directory });
    await mkdir(file('nota'));
    await writeFile(file('nota/nota.xsd'), NOTA(10));
    await writeFile(file('nota/service.yaml'), SERVICE(1));
    await writeFile(file('nota.xml'), '<nota xmlns="urn:nota">ciao</nota>');
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  });

  it('5: exports everything to a file of the owner only, the same bytes each time, and finds no difference', async () => {
    const first = await operator('registry', 'export', file('a.zip'));
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/a\.zip: \d+ documents \(.*service 4/);
    expect((await stat(file('a.zip'))).mode & 0o777).toBe(0o600);
    expect((await operator('registry', 'export', file('b.zip'))).code).toBe(0);
    expect((await readFile(file('a.zip'))).equals(await readFile(file('b.zip')))).toBe(true);
    const same = await operator('registry', 'diff', file('a.zip'), '--prune');
    expect([same.code, same.out]).toEqual([0, 'nothing would change\n']);
  });

  it('5: shows a change, refuses to make it unasked, makes it, and finds no difference after', async () => {
    await archive('part.zip', [participant('c_h166', 'Raiano'), participant('c_x001', 'Nuovo')]);
    const shown = '+ participant c_x001\n';
    const diff = await operator('registry', 'diff', file('part.zip'));
    expect([diff.code, diff.err]).toEqual([1, '']);
    expect(diff.out).toContain(shown);
    expect(diff.out).toContain('~ participant c_h166 (name)\n');
    expect(diff.out).toContain('1 to create, 1 to update, 0 to delete\n');
    const unasked = await operator('registry', 'apply', file('part.zip'));
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining('--yes')]);
    expect((await operator('registry', 'diff', file('part.zip'))).code).toBe(1);
    const applied = await operator('registry', 'apply', file('part.zip'), '--yes', '--reason', 'prova è');
    expect([applied.code, applied.err]).toEqual([0, '']);
    expect(applied.out).toMatch(/applied as revision \d+: 1 created, 1 updated, 0 deleted\n$/);
    expect((await operator('registry', 'diff', file('part.zip'))).code).toBe(0);
    const history = await fetch(`${gateway.url}/admin/registry/history?kind=participant&id=c_x001`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await history.json()).toMatchObject({ items: [{ by: 'platform', reason: 'prova è' }] });
  });

  it('5: import puts back what an archive holds and leaves the rest; apply --prune takes the rest away', async () => {
    const imported = await operator('registry', 'import', file('a.zip'), '--yes');
    expect(imported.out).toMatch(/0 created, 1 updated, 0 deleted\n$/);
    const pruned = await operator('registry', 'apply', file('a.zip'), '--prune', '--yes');
    expect(pruned.out).toMatch(/^- participant c_x001\n[^]*0 created, 0 updated, 1 deleted\n$/);
    expect((await operator('registry', 'export', file('c.zip'))).code).toBe(0);
    expect((await readFile(file('c.zip'))).equals(await readFile(file('a.zip')))).toBe(true);
  });

  it('5: exports no header value, and keeps the stored one when such an archive is applied', async () => {
    const [canary, other] = ['Bearer canarino', 'https://elsewhere.example/'];
    const system = (url: string, authorization: string): PortableDocument => {
      const receives = { channel: 'push-rest', url, shape: 'json', headers: { authorization } } as const;
      return { document: { kind: 'system', id: 'raiano.nuovo', participant: 'c_h166', receives }, files: new Map() };
    };
    const of = async (name: string) => (await documents(name)).find(({ document }) => document.id === 'raiano.nuovo');
    await archive('plain.zip', [system('https://host.example/', canary)]);
    expect((await operator('registry', 'apply', file('plain.zip'), '--yes')).code).toBe(0);
    await operator('registry', 'export', file('masked.zip'));
    expect(await of('masked.zip')).toMatchObject(system('https://host.example/', '***'));
    expect((await operator('registry', 'diff', file('masked.zip'), '--prune')).out).toBe('nothing would change\n');
    await archive('moved.zip', [system(other, '***')]);
    const moved = await operator('registry', 'apply', file('moved.zip'), '--yes');
    expect([moved.code, moved.out + moved.err]).toEqual([
      expect.any(Number),
      expect.stringContaining('receives.headers.authorization is left out'),
    ]);
    expect(moved.code).toBeGreaterThan(0);
    const answer = await fetch(`${gateway.url}/admin/registry/documents/system/raiano.nuovo`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await answer.json()).toMatchObject({ document: system('https://host.example/', canary).document });
    await operator('registry', 'apply', file('a.zip'), '--prune', '--yes');
  });

  it('5: takes a directory, with interface files beside its documents', async () => {
    await cp('examples/registry', file('reg/examples/registry'), { recursive: true });
    await cp('schemas', file('reg/schemas'), { recursive: true });
    const diff = await operator('registry', 'diff', file('reg/examples/registry'), '--prune');
    expect([diff.code, diff.err]).toEqual([1, '']);
    expect(diff.out).toMatch(/^[+~-] /);
    expect(diff.out).not.toMatch(/^[+~-] service /m);
  });

  it('5: exits with 2 where the gateway finds a problem, and applies nothing', async () => {
    const document = { ...participant('c_x002', 'X').document, parent: 'c_nessuno' } as PortableDocument['document'];
    await archive('wrong.zip', [{ document, files: new Map() }, participant('c_x003', 'Y')]);
    const diff = await operator('registry', 'diff', file('wrong.zip'));
    expect([diff.code, diff.out]).toEqual([2, expect.stringContaining('no participant c_nessuno')]);
    expect((await operator('registry', 'apply', file('wrong.zip'), '--yes')).code).toBe(1);
    await operator('registry', 'export', file('d.zip'));
    expect((await documents('d.zip')).map((one) => one.document.id)).not.toContain('c_x003');
  });

  it('1: publishes a service from a directory, tries messages on it, and moves it on', async () => {
    const sent = await operator('service', 'publish', file('nota'));
    expect([sent.code, sent.err]).toEqual([0, '']);
    expect(sent.out).toMatch(/^service Nota v1, revision \d+: 1 document, 1 operation\n {2}nota {2}one-way/);
    expect(sent.out).toMatch(/POST \/note[^]*it was compared with no published version\n$/);
    const opened = await operator('service', 'status', 'Nota', 'v1', 'publish');
    expect([opened.code, opened.out]).toEqual([0, 'service Nota v1 is published\n']);
    await writeFile(file('long.xml'), '<nota xmlns="urn:nota">troppo lunga per dieci</nota>');
    const refused = await operator('service', 'validate', 'Nota', '1', file('long.xml'));
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/^would be refused\n[^]*schema-violation/)]);
    const accepted = await operator('service', 'validate', 'Nota', '1', file('nota.xml'));
    expect([accepted.code, accepted.out]).toEqual([
      0,
      expect.stringMatching(/^would be accepted\n {2}operation +nota/),
    ]);
    await writeFile(file('nota.json'), '{}');
    const elsewhere = await operator('service', 'validate', 'Nota', '1', file('nota.json'), '--path', '/altre');
    expect([elsewhere.code, elsewhere.out]).toEqual([
      1,
      expect.stringMatching(/route-unknown: Nota has no operation at "\/altre"/),
    ]);
  });

  it('1: shows what a new version breaks, and opens it at once where told', async () => {
    await writeFile(file('nota/service.yaml'), SERVICE(2));
    await writeFile(file('nota/nota.xsd'), NOTA(5));
    const sent = await operator('service', 'publish', file('nota'), '--then-publish');
    expect([sent.code, sent.err]).toEqual([0, '']);
    expect(sent.out).toMatch(/1 of them BREAKING\n {2}BREAKING changed nota xsd: nota: /);
    expect(sent.out).toMatch(/service Nota v2 is published\n$/);
    const old = await operator('service', 'status', 'Nota', '1', 'deprecate', '--sunset', '2040-01-31');
    expect([old.code, old.out]).toEqual([0, 'service Nota v1 is deprecated, until 2040-01-31T00:00:00.000Z\n']);
    await operator('registry', 'export', file('e.zip'));
    const stored = (await documents('e.zip')).filter(({ document }) => document.id === 'Nota');
    expect(stored.map(({ document }) => document)).toMatchObject([
      { version: 1, status: 'deprecated', sunset: '2040-01-31T00:00:00.000Z' },
      { version: 2, status: 'published' },
    ]);
    expect((await operator('service', 'status', 'Nota', '1', 'retire')).code).toBe(0);
    expect((await operator('service', 'status', 'Nota', '1', 'publish')).code).toBe(1);
  });

  it('1: names the file and line of what is wrong in an interface', async () => {
    await writeFile(file('nota/service.yaml'), SERVICE(3));
    await writeFile(file('nota/nota.xsd'), NOTA(5).replace('xs:string', 'xs:strong'));
    const wrong = await operator('service', 'publish', file('nota'));
    expect([wrong.code, wrong.out]).toEqual([1, '']);
    expect(wrong.err).toMatch(/^422 [^]*\nnota\.xsd:2: /);
  });
});

describe('what the commands find out by themselves', () => {
  let data: string;
  beforeAll(async () => void (data = await mkdtemp(join(tmpdir(), 'crocevia-registry-command-'))));
  afterAll(() => rm(data, { recursive: true, force: true }));
  const nobody = (...args: readonly string[]) => run(['--url', 'http://127.0.0.1:1', '--token', ADMIN_TOKEN, ...args]);

  it('5: a wrong document of a directory is named with file, line and hint, and nothing is sent', async () => {
    await writeFile(join(data, 'a.yaml'), 'kind: participant\nid: c_i804\nname: Sulmona\ntype: village\n');
    const diff = await nobody('registry', 'diff', data);
    expect([diff.code, diff.out]).toEqual([2, '']);
    expect(diff.err).toMatch(/was not sent:\na\.yaml:4: type .*\n {4}one of region, /);
    expect((await nobody('registry', 'apply', data, '--yes')).code).toBe(1);
  });

  it('5: a wrong document of an archive too', async () => {
    const wrong = { kind: 'participant', id: 'c_a', name: 'A', type: 'village' } as unknown;
    const bytes = await packTransfer([{ document: wrong as PortableDocument['document'], files: new Map() }]);
    await writeFile(join(data, 'wrong.zip'), bytes);
    const { code, err } = await nobody('registry', 'import', join(data, 'wrong.zip'), '--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('participants.yaml:4: type')]);
  });

  it('5: diff never exits with 1 where it could not look', async () => {
    await writeFile(join(data, 'empty.zip'), await packTransfer([]));
    const away = await nobody('registry', 'diff', join(data, 'empty.zip'));
    expect([away.code, away.err]).toEqual([2, expect.stringContaining('Is the gateway running')]);
    for (const args of [['nowhere'], [], ['x', '--nope']])
      expect((await nobody('registry', 'diff', ...args)).code).toBe(2);
    const help = await nobody('registry', 'diff', '--help');
    expect([help.code, help.out]).toEqual([0, expect.stringMatching(/Exits with 0[^]*must be complete/)]);
  });

  it('5: an operator’s token is needed; the key of a system is not taken for one', async () => {
    const { code, err } = await run(['--api-key', KEYS.sulmona, 'registry', 'export', join(data, 'x.zip')]);
    expect([code, err]).toEqual([1, expect.stringContaining('--token')]);
  });

  it('1: a bundle that cannot be sent is named: no archive, too many files, a link out of the directory', async () => {
    await writeFile(join(data, 'text.zip'), 'no archive');
    expect((await nobody('service', 'publish', join(data, 'text.zip'))).err).toMatch(
      /\ntext\.zip:1: is no archive that can be read/,
    );
    const many = join(data, 'many');
    await mkdir(many);
    await Promise.all(Array.from({ length: 501 }, (_, n) => writeFile(join(many, `f${n}`), '')));
    expect((await nobody('service', 'publish', many)).err).toMatch(/holds more than a bundle may: 500 files/);
    const linked = join(data, 'linked');
    await mkdir(linked);
    await symlink('/etc/passwd', join(linked, 'a.xsd'));
    expect((await nobody('service', 'publish', linked)).err).toMatch(/a\.xsd is no file/);
  });

  it('1: a step and a date are checked before anything is sent', async () => {
    expect((await nobody('service', 'status', 'Nota', '1', 'open')).err).toMatch(/publish, deprecate, retire/);
    expect((await nobody('service', 'status', 'Nota', '1', 'deprecate', '--sunset', 'domani')).err).toMatch(
      /is no date/,
    );
    expect((await nobody('service', 'status', 'Nota', '1', 'retire', '--sunset', '2040-01-31')).err).toMatch(
      /deprecate only/,
    );
  });
});
