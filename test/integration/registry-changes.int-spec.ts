import { rename, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { RegistryError, type Registry, type RegistrySource } from '../../src/registry/registry.js';
import { directoryWith, SERVICE, NOTA_XSD, BODIES, MORE } from './registry-files.js';

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
