import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const lockOf = (entry: object) => JSON.stringify({ packages: { '': {}, 'node_modules/it': entry } });
const SOUND = { license: 'MIT', integrity: 'sha512-x', resolved: 'https://registry.npmjs.org/it/-/it-1.0.0.tgz' };

/** A process of its own: the script is no part of the build. */
const problemsOf = (lock: string, libraries: readonly string[] = []): readonly string[] =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { problemsOf } = await import(${JSON.stringify(`file://${process.cwd()}/scripts/supply-chain.mjs`)});
       const { readFileSync } = await import('node:fs');
       console.log(JSON.stringify(problemsOf(JSON.parse(readFileSync(0, 'utf8')), ${JSON.stringify(libraries)})))`,
      ],
      { input: lock },
    ).toString(),
  ) as readonly string[];

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly group?: string;
    readonly version: string;
    readonly hashes: readonly { readonly alg: string }[];
    readonly licenses: readonly unknown[];
  }[];
}

interface Service {
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly build?: string;
}

describe('8: what comes from others', () => {
  it.each([
    ['an unknown licence', { license: 'SSPL-1.0' }, /licence SSPL-1.0/],
    ['no licence', { license: undefined }, /licence unknown/],
    ['a licence that only tools may have', { license: 'CC-BY-4.0' }, /licence CC-BY-4.0/],
    ['no digest', { integrity: undefined }, /not pinned/],
    ['a weak digest', { integrity: 'sha1-x' }, /not pinned/],
    ['another registry', { resolved: 'git+ssh://git@example.org/it.git' }, /comes from git/],
    ['a script at install', { hasInstallScript: true }, /script at install/],
  ])('8: %s is refused', (_what, change, told) => {
    expect(problemsOf(lockOf({ ...SOUND, ...change }))).toEqual([expect.stringMatching(told)]);
  });

  it('8: the lock file has no such problem, and names all that package.json asks for by its version', () => {
    const lock = readFileSync('package-lock.json', 'utf8');
    expect(problemsOf(lockOf(SOUND))).toEqual([]);
    expect(problemsOf(lock)).toEqual([]);
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
  });

  it('8: the bill of materials is CycloneDX and holds each dependency with version, digest and licence', () => {
    execFileSync(process.execPath, ['scripts/supply-chain.mjs']);
    const bill = JSON.parse(readFileSync('.cache/sbom.cdx.json', 'utf8')) as Bill;
    expect(bill.bomFormat).toBe('CycloneDX');
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies)) {
      const found = bill.components.find((one) => one.name === name && one.version === version);
      expect([name, found?.hashes[0]?.alg, found?.licenses.length]).toEqual([name, 'SHA-512', 1]);
    }
  });

  it('8: it holds what is in the console too, as the build has found it, and no tools', () => {
    const bill = JSON.parse(readFileSync('.cache/sbom.cdx.json', 'utf8')) as Bill;
    const libraries = JSON.parse(readFileSync('dist/console-libraries.json', 'utf8')) as readonly string[];
    const names = bill.components.map(({ name }) => name);
    const whole = new Set([...names, ...bill.components.map(({ group, name }) => `${group}/${name}`)]);
    expect(libraries.length).toBeGreaterThan(40);
    for (const place of libraries) expect(whole).toContain(place.slice('node_modules/'.length));
    // Code, a style sheet with its fonts, what others bring with them.
    for (const name of ['react', 'uplot', 'bootstrap-italia', 'scheduler']) expect(names).toContain(name);
    for (const name of ['vite', 'jest', 'eslint']) expect(names).not.toContain(name);
  });

  it('8: a licence that tools may have is refused for what is in the console', () => {
    const lock = JSON.stringify({ packages: { 'node_modules/axe-core': { ...SOUND, dev: true, license: 'MPL-2.0' } } });
    expect(problemsOf(lock)).toEqual([]);
    expect(problemsOf(lock, ['node_modules/axe-core'])).toEqual([expect.stringMatching(/licence MPL-2.0/)]);
  });

  it('8: the container runs as another user than root, with nothing that it may write but /data and /tmp', () => {
    const file = readFileSync('Dockerfile', 'utf8');
    expect(file.slice(file.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
    const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
      services: Record<string, Service>;
    };
    const own = Object.values(services).filter(({ build }) => build === '.');
    expect(own).toHaveLength(3);
    for (const { read_only, cap_drop, security_opt } of own)
      expect([read_only, cap_drop, security_opt]).toEqual([true, ['ALL'], ['no-new-privileges:true']]);
  });
});
