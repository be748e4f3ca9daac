import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { Fault } from '../../src/message/fault.js';
import { compareServices } from '../../src/compatibility/compare-services.js';
import { packBundle } from '../../src/registry/bundle/bundle.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { changesBetween } from '../../src/registry/publish/comparison.js';
import { publicationOf } from '../../src/registry/publish/publish.js';
import { RegistryError, type Registry, type RegistryProblem } from '../../src/registry/registry.js';

/** While a bundle is looked at outside its thread, nobody else is served. */
const AT_MOST_MS = 1_500;

let registry: Registry;
beforeAll(async () => {
  registry = await createFileRegistry({ directory: 'examples/registry', env: {} }).reload();
}, 30_000);

async function refused(files: Readonly<Record<string, string>>) {
  const archive = await packBundle(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
  const held = monitorEventLoopDelay({ resolution: 5 });
  held.enable();
  const error: unknown = await publicationOf(archive, { id: 'Prova', version: 1 }, registry).catch(
    (one: unknown) => one,
  );
  held.disable();
  const ms = held.max / 1e6;
  expect(error).toBeInstanceOf(RegistryError);
  return { ms, problem: (error as RegistryError).problems[0] as RegistryProblem };
}

const HEAD = 'kind: service\nid: Prova\nversion: 1\ntitle: Prova\n';
const members = (count: number) => Array.from({ length: count }, (_, index) => `  k${index}: ${index}\n`).join('');

describe('what a bundle costs before its interface is read', () => {
  it('1: a service document of many names holds nobody up', async () => {
    const { ms, problem } = await refused({ 'service.yaml': `${HEAD}other:\n${members(15_000)}` });
    expect(problem.message).toBe('other is not known here');
    expect(ms).toBeLessThan(AT_MOST_MS);
  });

  it('1: a service document is as long as one document of a registry may be', async () => {
    const { ms, problem } = await refused({ 'service.yaml': `${HEAD}other:\n${members(40_000)}` });
    expect(problem).toMatchObject({ file: 'service.yaml', message: 'is longer than 256 KiB' });
    expect(ms).toBeLessThan(AT_MOST_MS);
  });

  it('1: a service document that contradicts itself is refused with its line', async () => {
    const { problem } = await refused({ 'service.yaml': `${HEAD}title: Altro\n` });
    expect(problem).toMatchObject({ file: 'service.yaml', line: 5, message: 'title stands twice' });
  });

  it('1: files of blank lines are no OpenAPI description, and that is seen at once', async () => {
    const blank = Array.from(
      { length: 100 },
      (_, index) => [`a${index}.yaml`, `${'\n'.repeat(4_096)}${index}`] as const,
    );
    const { ms, problem } = await refused(Object.fromEntries(blank));
    expect(problem.message).toBe('the bundle has no WSDL and no OpenAPI description');
    expect(ms).toBeLessThan(AT_MOST_MS);
  });

  it('1: of many that come at once, the others are refused before they are unpacked', async () => {
    const noArchive = Buffer.alloc(1_024, 1);
    const given = await Promise.allSettled(
      Array.from({ length: 10 }, () => publicationOf(noArchive, { id: 'Prova', version: 1 }, registry)),
    );
    const reasons = given.map((one) => (one as PromiseRejectedResult).reason as unknown);
    expect(reasons.filter((one) => one instanceof RegistryError)).toHaveLength(2);
    expect(reasons.filter((one) => one instanceof Fault && one.code === 'overloaded')).toHaveLength(8);
  });

  it.each(['openapi: 3.1.0', '{"openapi": "3.1.0"}', '{\n  "openapi" : "3.1.0"\n}', '# new\n"openapi": 3.1.0'])(
    '1: %j begins an OpenAPI description',
    async (text) => {
      const { problem } = await refused({ 'a.yaml': text, 'b.yaml': text });
      expect(problem.message).toBe('the bundle has several interfaces: a.yaml, b.yaml');
    },
  );
});

describe('what a comparison with the version before costs', () => {
  const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
  const OPERATIONS = Array.from({ length: 40 }, (_, index) => `o${index}`);

  /** Every operation has the same wide element, which is compared for each. */
  const wide = (last: string, width: number) => {
    const elements = Array.from({ length: width }, (_, index) => `<xs:element name="e${index}" type="xs:string"/>`);
    return `<xs:schema ${XS} targetNamespace="urn:m"><xs:element name="m"><xs:complexType><xs:sequence>
      ${elements.join('\n')}<xs:element name="${last}" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element></xs:schema>`;
  };
  const bundle = (version: number, last: string, width: number) => ({
    'm.xsd': wide(last, width),
    'service.yaml': stringify({
      ...{ kind: 'service', id: 'Larga', version, title: 'Larga', xsd: 'm.xsd' },
      operations: OPERATIONS.map((name) => ({ name, profile: 'one-way', element: { namespace: 'urn:m', name: 'm' } })),
    }),
  });
  const publish = async (files: Readonly<Record<string, string>>, among: Registry, deadlineMs?: number) =>
    publicationOf(
      await packBundle(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))),
      {},
      among,
      deadlineMs,
    );

  /** A registry of one published version. */
  async function holding(files: Readonly<Record<string, string>>): Promise<Registry> {
    const directory = await mkdtemp(join(tmpdir(), 'crocevia-compared-'));
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
      return await createFileRegistry({ directory, env: {} }).reload();
    } finally {
      await rm(directory, { recursive: true });
    }
  }
  const service = (among: Registry) => among.service('Larga', 1)!;

  it('3: it is made in the thread: the same changes, and nobody is held up', async () => {
    const before = await holding(bundle(1, 'prima', 1_000));
    const after = service(await holding(bundle(1, 'dopo', 1_000)));
    const wanted = compareServices(service(before), after);
    const held = monitorEventLoopDelay({ resolution: 5 });
    held.enable();
    const { compatibility, report } = await publish(bundle(2, 'dopo', 1_000), before);
    const changes = await changesBetween(service(before), after);
    held.disable();
    expect(wanted).toHaveLength(2 * OPERATIONS.length);
    expect([compatibility, changes, report.problems]).toEqual([wanted, wanted, []]);
    expect(held.max / 1e6).toBeLessThan(AT_MOST_MS);
  }, 30_000);

  it('3: it is made once for the same two versions', async () => {
    const [before, after] = await Promise.all(['a', 'b'].map((last) => holding(bundle(1, last, 1_000))));
    const changes = await changesBetween(service(before!), service(after!));
    expect(await changesBetween(service(before!), service(after!), 1)).toBe(changes);
    expect(await changesBetween(service(before!), service(before!), 1)).toEqual([]);
  }, 30_000);

  it('1: one that takes too long is a warning, and the bundle is taken', async () => {
    const before = await holding(bundle(1, 'prima', 6_000));
    const { document, report, compatibility } = await publish(bundle(2, 'dopo', 6_000), before, 6_000);
    expect([document.version, report.operations.length, compatibility]).toEqual([2, OPERATIONS.length, null]);
    expect(report.problems).toMatchObject([
      {
        severity: 'warning',
        file: 'm.xsd',
        message: 'it could not be compared with v1: the comparison took too long (expected: under 6 s)',
      },
    ]);
  }, 60_000);

  it('3: asked for alone it is refused at the deadline, and told why', async () => {
    const [before, after] = await Promise.all(['c', 'd'].map((last) => holding(bundle(1, last, 6_000))));
    const error: unknown = await changesBetween(service(before!), service(after!), 2_000).catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'overloaded',
      message: 'overloaded: Comparing the versions took too long (expected: under 2 s).',
    });
  }, 60_000);
});
