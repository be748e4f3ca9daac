import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Fault } from '../../src/message/fault.js';
import { packBundle } from '../../src/registry/bundle/bundle.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
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
