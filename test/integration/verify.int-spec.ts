import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.js';

/** Fails the first time that it runs in its directory. */
const firstTime = (name: string) => `
const { existsSync, writeFileSync } = require('node:fs');
const first = !existsSync('${name}');
writeFileSync('${name}', '');`;

const SUITES = {
  steady: `it('a', () => {}); it.skip('b', () => {});`,
  hiccup: `${firstTime('seen-1')} it('c', () => { if (first) throw new Error('too slow') }); it('d', () => {});`,
  broken: `it('e', () => { throw new Error('wrong') }); it('f', () => {});`,
  unloaded: `${firstTime('seen-2')} if (first) throw new Error('not loaded'); it('g', () => {});`,
  unended: `afterAll(() => { throw new Error('left open') }); it('h', () => {});`,
};

interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly file: string; readonly name: string; readonly why: string }[];
  readonly unsteady: Verdict['failures'];
}

describe('the suites that verify runs', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'crocevia-verify-')));
    await symlink(resolve('node_modules'), join(directory, 'node_modules'));
    await mkdir(join(directory, '.cache'));
    await writeFile(join(directory, 'package.json'), '{}');
    await writeFile(join(directory, 'jest.config.json'), '{ "testMatch": ["**/*.test.js"] }');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const script = `import { runSuites } from '${resolve('scripts/verify/suites.mjs')}';
    const verdict = await runSuites('trial', []);
    console.log(JSON.stringify(verdict));`;
  const args = ['--input-type=module', '--eval', script];
  const add = (name: string, text: string) => writeFile(join(directory, `${name}.test.js`), text);
  const briefly = (all: Verdict['failures']) =>
    all.map(({ file, name, why }) => [file.split('.')[0], name, /too slow|wrong|not loaded|left open/.exec(why)?.[0]]);

  it('11: what fails twice has failed; what passes when run again is counted as passed and told', async () => {
    for (const [name, text] of Object.entries(SUITES)) await add(name, text);
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory, env: plain() });
    const verdict = JSON.parse(stdout.trim().split('\n').at(-1)!) as Verdict;
    expect(verdict).toMatchObject({ passed: 6, failed: 2, skipped: 1 });
    expect(briefly(verdict.failures).sort()).toEqual([
      ['broken', 'e', 'wrong'],
      ['unended', 'the suite itself', 'left open'],
    ]);
    expect(briefly(verdict.unsteady).sort()).toEqual([
      ['hiccup', 'c', 'too slow'],
      ['unloaded', 'the suite itself', 'not loaded'],
    ]);
  });

  it('11: a run that is killed leaves no process of its suites behind', async () => {
    await add('hangs', `it('x', async () => { ${WRITE_PID} await new Promise(() => {}); }, 60_000);`);
    const verify = spawn(process.execPath, args, { cwd: directory, env: plain(), stdio: 'ignore' });
    const file = join(directory, 'pid');
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    verify.kill('SIGKILL');
    const stat = `/proc/${readFileSync(file, 'utf8')}/stat`;
    // Where nobody collects the dead at once, a process would still be listed.
    await until(() => !existsSync(stat) || readFileSync(stat, 'utf8').includes(') Z '));
  });
});

const WRITE_PID = `setInterval(() => {}, 1000); require('node:fs').writeFileSync('pid', String(process.pid));`;

/** Jest of the trial is no part of this one. */
const plain = () => ({ PATH: process.env['PATH'] });
