import { jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { loadRegistry } from '../../src/registry/assembly/load.js';
import type { PortableDocument } from '../../src/registry/documents/portable.js';
import { keyOf, keyText } from '../../src/registry/registry-store.js';
import { packBundle, readBundle } from '../../src/registry/bundle/bundle.js';
import { RegistryError } from '../../src/registry/registry.js';
import { TRANSFER_LIMITS } from '../../src/registry/interface/interface-limits.js';
import { packTransfer, readTransfer } from '../../src/registry/bundle/transfer.js';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServiceDocument } from '../../src/registry/documents/document-types.js';

const examples = () => loadRegistry('examples/registry', {}).inputs;
const byKey = (inputs: readonly PortableDocument[]) =>
  Object.fromEntries(inputs.map((one) => [keyText(keyOf(one.document)), one]));
const pack = (files: Readonly<Record<string, string>>) =>
  packBundle(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));

/** The bytes as `file:line message`. */
async function problemsOf(bytes: Buffer): Promise<readonly string[]> {
  const error: unknown = await readTransfer(bytes).catch((thrown: unknown) => thrown);
  if (!(error instanceof RegistryError)) throw new Error('the archive was taken', { cause: error });
  return error.problems.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

const BODY = 'kind: participant\nid: c_a\nname: A\ntype: municipality\n';
const SERVICE = 'kind: service\nid: Nota\nversion: 1\ntitle: Nota\nxsd: nota.xsd\n';

jest.setTimeout(30_000);

describe('a registry that travels', () => {
  it('5: comes back as it was packed, services with their files', async () => {
    const inputs = examples();
    const read = await readTransfer(await packTransfer(inputs));
    expect(read).toHaveLength(inputs.length);
    expect(byKey(read)).toEqual(byKey(inputs));
    const files = read.map((one) => one.files.size).reduce((a, b) => a + b);
    expect(files).toBeGreaterThan(read.filter(({ document }) => document.kind === 'service').length);
  });

  it('5: the same registry gives the same bytes, in whatever order its documents and their members come', async () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, inner]) => [name, turned(inner)]),
      );
    };
    const inputs = examples();
    const other = [...inputs].reverse().map(({ document, files }) => ({
      document: turned(document) as PortableDocument['document'],
      files: new Map([...files].reverse()),
    }));
    const packed = await packTransfer(inputs);
    expect((await packTransfer(other)).equals(packed)).toBe(true);
    expect((await packTransfer(await readTransfer(packed))).equals(packed)).toBe(true);
  });

  it('5: is laid out so that a person finds everything, sorted by id', async () => {
    const files = await readBundle(await packTransfer(examples()), TRANSFER_LIMITS);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        ...['agreements.yaml', 'operators.yaml', 'participants.yaml', 'systems.yaml'],
        ...['services/PraticaSuap-v1/service.yaml', 'services/PraticaSuap-v1/suap/1.0/openapi.yaml'],
      ]),
    );
    const ids = [...(files.get('participants.yaml')?.toString() ?? '').matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids).toEqual([...ids].sort());
    expect(files.get('participants.yaml')?.toString()).toMatch(/^kind: participant\nid: .*\nname: /);
  });

  it('5: unpacked, it is a directory of registry documents that says the same', async () => {
    const inputs = examples();
    const directory = await mkdtemp(join(tmpdir(), 'crocevia-transfer-'));
    for (const [path, bytes] of await readBundle(await packTransfer(inputs), TRANSFER_LIMITS)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), bytes);
    }
    expect(byKey(loadRegistry(directory, {}).inputs)).toEqual(byKey(inputs));
    await rm(directory, { recursive: true });
  });

  it('5: holds a service whose interface file is itself named service.yaml, and text of every kind', async () => {
    const document: ServiceDocument = {
      kind: 'service',
      id: 'Nota',
      version: 12,
      title: 'sì: "no" # 0x10\n--- \n\u2028--- riga\u0085 <<: *x',
      openapi: 'service.yaml',
      catalog: { 'http://a.example/x.xsd': 'x/x.xsd', '<<': 'y.xsd', '012': '../fuori.xsd' },
      operations: [{ name: 'nota', jsonSchema: 'n.json', eventType: '1e3' }],
    };
    const files = new Map([
      ['service.yaml', Buffer.from('kind: service\n')],
      ['x/x.xsd', Buffer.from([0xff, 0])],
    ]);
    expect(await readTransfer(await packTransfer([{ document, files }]))).toEqual([{ document, files }]);
  });

  it('5: a part of a registry is read too, from an archive with one folder around it', async () => {
    const read = await readTransfer(await pack({ 'reg/altri.yml': BODY, 'reg/services/x/service.yaml': SERVICE }));
    expect(read.map(({ document }) => document.id)).toEqual(['c_a', 'Nota']);
    expect(await readTransfer(await packTransfer([]))).toEqual([]);
  });

  it('5: names every wrong document with file and line', async () => {
    const found = await problemsOf(
      await pack({
        'participants.yaml': `# corpi\n${BODY}---\n${BODY.replace('municipality', 'village').replace('c_a', 'c_b')}---\nid: [\n---\n${BODY}`,
        'systems.yaml': `kind: system\nid: s\nparticipant: c_a\nid: t\n---\n${SERVICE}`,
        'services/Nota-v1/service.yaml': `${SERVICE}porta: 1\n`,
        'services/Due/service.yaml': `${SERVICE}---\n${SERVICE}`,
        'services/Senza/a.xsd': '',
        'services/Corpo/service.yaml': BODY,
        'README.md': '',
        'altro/a.yaml': BODY,
      }),
    );
    expect(found).toEqual([
      'README.md:1 has no place in an archive of a registry',
      'altro/a.yaml:1 has no place in an archive of a registry',
      'participants.yaml:10 type must be equal to one of the allowed values',
      expect.stringMatching(/^participants\.yaml:1[23] /),
      'systems.yaml:4 id stands twice',
      'systems.yaml:6 service Nota stands at the root',
      'services/Corpo/service.yaml:1 is not one document of kind: service',
      'services/Due/service.yaml:1 is not one document of kind: service',
      'services/Nota-v1/service.yaml:6 porta is not known here',
      'services/Senza/service.yaml:1 is missing',
      'participants.yaml:15 participant c_a is written twice',
    ]);
  });

  it.each([
    ['an alias bomb', `a: &a [1, 1]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]\n`, /[Aa]lias/],
    ['a document of more than 256 KiB', `${BODY}# ${'x'.repeat(256 * 1024)}\n`, /is longer than 256 KiB/],
    ['brackets without end', `a: ${'['.repeat(100_000)}\n`, /./],
    ['ten thousand names', Array.from({ length: 10_000 }, (_, n) => `n${n}: 1\n`).join(''), /lacks|not known|must/],
    ['more than 50,000 documents', '---\n'.repeat(50_002), /more than 50000 documents/],
  ])('5: refuses %s at once', async (_name, text, message) => {
    const since = performance.now();
    expect((await problemsOf(await pack({ 'participants.yaml': text, 'systems.yaml': '' }))).join('\n')).toMatch(
      message,
    );
    expect(performance.now() - since).toBeLessThan(10_000);
  });

  it('5: gives up after 200 problems', async () => {
    const text = Array.from({ length: 500 }, () => 'kind: nothing\n').join('---\n');
    expect(await problemsOf(await pack({ 'participants.yaml': text, 'systems.yaml': '' }))).toHaveLength(200);
  });

  it('5: refuses more than 20,000 files and more than 64 MiB', async () => {
    // Written by another program: packing so many files here takes half a minute.
    const script = `
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, 'w') as archive:
    for n in range(20001): archive.writestr('services/x/f%d' % n, '')
sys.stdout.buffer.write(out.getvalue())`;
    const many = execFileSync('/usr/bin/python3', ['-c', script], { maxBuffer: 16 * 1024 * 1024 });
    expect(await problemsOf(many)).toEqual([':1 holds more than 20000 files']);
    const big = new Map([['services/x/f', Buffer.alloc(TRANSFER_LIMITS.unpacked + 1)]]);
    expect(await problemsOf(await packBundle(big))).toEqual([':1 is bigger than 64 MiB unpacked']);
  });

  it('5: carries ten thousand agreements', async () => {
    const inputs = Array.from({ length: 10_000 }, (_, n): PortableDocument => ({
      document: {
        kind: 'agreement',
        id: `a${n}`,
        consumer: `c_${n}`,
        provider: 'r_abruzz',
        service: 'Nota',
        version: 1,
      },
      files: new Map(),
    }));
    expect(byKey(await readTransfer(await packTransfer(inputs)))).toEqual(byKey(inputs));
  });
});
