import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layFirstLedger } from '../../src/store/embedded/first-ledger.js';

describe('the first ledger', () => {
  let place: string;
  let template: string;
  let directory: string;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'crocevia-first-ledger-'));
    [template, directory] = [join(place, 'template'), join(place, 'data', 'ledger')];
    await mkdir(join(template, 'base', '1'), { recursive: true });
    await mkdir(join(template, 'pg_notify'));
    for (const [name, text] of [
      ['PG_VERSION', '18'],
      ['base/1/PG_VERSION', '18'],
      ['base/1/1259', 'relations'],
    ] as const)
      await writeFile(join(template, name), text);
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  const read = (name: string) => readFile(join(directory, name), 'utf8');

  it('2: is laid with its empty directories where there is none', async () => {
    await layFirstLedger(directory, template);
    expect(await Promise.all(['PG_VERSION', 'base/1/PG_VERSION', 'base/1/1259'].map(read))).toEqual([
      '18',
      '18',
      'relations',
    ]);
    expect(existsSync(join(directory, 'pg_notify'))).toBe(true);
    const modes = await Promise.all(['', 'base/1/1259'].map((name) => stat(join(directory, name))));
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
  });

  it('2: is laid again where it was broken off, and never over one that is there', async () => {
    await mkdir(join(directory, 'base', '1'), { recursive: true });
    await writeFile(join(directory, 'base', '1', '1259'), 'rel');
    await layFirstLedger(directory, template);
    expect(await read('base/1/1259')).toBe('relations');
    await writeFile(join(directory, 'base', '1', '1259'), 'in use');
    await layFirstLedger(directory, template);
    expect(await read('base/1/1259')).toBe('in use');
  });

  it('2: is left to the engine where none came with the build', async () => {
    await layFirstLedger(directory, join(place, 'nowhere'));
    expect(existsSync(directory)).toBe(false);
  });
});
