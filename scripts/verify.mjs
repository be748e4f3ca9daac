// Everything that CI runs. Installs what the tests need, then runs each tier; the last line counts all tests.
// `--all` adds the bench, and sends large contents of 1 GiB. Nothing here touches a server that already runs on the machine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { has, installPackages, run } from './steps.mjs';

const all = process.argv.includes('--all');
const total = { passed: 0, failed: 0, skipped: 0 };
const started = Date.now();
const failures = [];

/** Programs that the tests start or call, with the Debian package that brings them. */
const NEEDS = [
  ['rabbitmq-server', () => existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')],
  ['postgresql', () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0],
  ['docker-compose', () => has('docker-compose') || spawnSync('docker', ['compose', 'version']).status === 0],
  ['curl', () => has('curl')],
  ['libxml2-utils', () => has('xmllint')],
  ...(all ? [['wrk', () => has('wrk')]] : []),
  ['python3-zeep', () => spawnSync('/usr/bin/python3', ['-c', 'import zeep']).status === 0],
];

const missingPrograms = () => NEEDS.filter(([, present]) => !present()).map(([name]) => name);

/** Where programs are missing and this is no Debian: the same command in a Debian container. Its exit code, else null. */
async function inContainer() {
  if (missingPrograms().length === 0 || has('apt-get')) return null;
  if (!has('docker')) throw new Error(`no apt-get and no docker here: install ${missingPrograms().join(', ')}`);
  const here = process.cwd();
  const shared = join(here, '..', 'shared');
  // The container's packages are not this machine's: its node_modules is a volume of its own.
  const mounts = ['-v', `${here}:${here}`, '-v', `${here}/node_modules`];
  if (existsSync(shared)) mounts.push('-v', `${shared}:${shared}:ro`);
  console.log('==> no apt-get here: running in a Debian container');
  const command = ['npm', 'run', '--silent', 'verify', '--', ...process.argv.slice(2)];
  return run('docker', ['run', '--rm', '--init', ...mounts, '-w', here, 'node:20-bookworm', ...command]);
}

async function installServices() {
  const missing = missingPrograms();
  if (missing.length === 0) return;
  console.log(`==> apt-get install ${missing.join(' ')}`);
  const sudo = process.getuid() === 0 ? [] : ['sudo', '-n'];
  // RUNLEVEL=1 keeps the packages from starting servers of their own.
  const apt = (...args) =>
    run('env', [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq', ...args]);
  await apt('update');
  if ((await apt('install', '-y', '--no-install-recommends', ...missing)) === 0) return;
  throw new Error(`could not install ${missing.join(', ')}: install them, then run npm run verify again`);
}

/** A check that is one test: passed by exit code 0. */
async function step(name, command, args) {
  console.log(`\n==> ${name}`);
  const code = await run(command, args);
  total[code === 0 ? 'passed' : 'failed']++;
  if (code !== 0) failures.push(name);
}

function skip(name, why) {
  console.log(`\n==> ${name}: skipped, ${why}`);
  total.skipped++;
}

const TWO_AT_ONCE = ['--maxWorkers', '2'];
/** Tiers whose tests kill servers and measure times: one file at a time. */
const ALONE = ['conformance', 'faults'];
/** The suites of e2e whose tests hold the gateway to times under a second or two: nothing else runs beside them. */
const TIMED =
  '/(bad-input|circuit|large|large-ways|rate|replay|replay-takeover|turns|query|query-amqp-ends|query-hedging|query-pull|query-resilience)\\.e2e-spec';

async function tier(project) {
  if (project !== 'e2e') return jest(project, project, ALONE.includes(project) ? ['--runInBand'] : TWO_AT_ONCE);
  await jest(project, 'e2e', [...TWO_AT_ONCE, '--testPathIgnorePatterns', TIMED]);
  await jest(project, 'e2e that is timed', ['--runInBand', '--testPathPatterns', TIMED]);
}

async function jest(project, name, which) {
  const began = Date.now();
  console.log(`\n==> ${name} tests`);
  const out = `.cache/${name.replaceAll(' ', '-')}.json`;
  rmSync(out, { force: true });
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings', ...(all && { ALL: '1' }) };
  // A suite whose set-up has failed may leave a process behind, for which Jest would wait for ever.
  const args = ['jest', '--selectProjects', project, '--json', '--outputFile', out, '--passWithNoTests', '--forceExit'];
  const told = project === 'unit' ? [] : ['--verbose', '--testTimeout', '60000'];
  const code = await run('npx', [...args, ...which, ...told], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const result = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : null;
  total.passed += result?.numPassedTests ?? 0;
  total.skipped += result?.numPendingTests ?? 0;
  total.failed += result ? result.numFailedTests + result.numRuntimeErrorTestSuites : 1;
  if (code !== 0) failures.push(name, ...failedIn(result));
  console.log(`${name}: ${Math.round((Date.now() - began) / 1000)} s`);
}

/** Each failed test with the first lines of its message: the end of the output is what one reads first. */
function failedIn(result) {
  return (result?.testResults ?? []).flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const file = relative(process.cwd(), name);
    if (failed.length === 0 && assertionResults.length === 0 && message) return [`  ${file}: ${firstLines(message)}`];
    return failed.map(({ fullName, failureMessages: [why = ''] }) => `  ${file}: ${fullName}\n    ${firstLines(why)}`);
  });
}

const firstLines = (text) => stripVTControlCharacters(text).trim().split('\n').slice(0, 8).join('\n    ');

async function main() {
  const contained = await inContainer();
  if (contained !== null) process.exit(contained);
  await installPackages();
  await installServices();
  mkdirSync('.cache', { recursive: true });
  await step('build', 'npm', ['run', '--silent', 'build']);
  await step('lint', 'npm', ['run', '--silent', 'lint']);
  await step('manifest of schemas/', 'node', ['scripts/manifest.mjs', '--check']);
  for (const project of ['unit', 'conformance', 'integration', 'e2e', 'faults']) await tier(project);
  await step('fault bench, short', 'npm', ['run', '--silent', 'faults', '--', '--short']);
  const compose = has('docker-compose') ? ['docker-compose', []] : ['docker', ['compose']];
  await step('docker compose config', compose[0], [...compose[1], 'config', '--quiet']);
  skip('npm audit', 'this registry does not answer it');
  if (all) await step('bench', 'npm', ['run', '--silent', 'bench']);
  else skip('bench', 'only with --all');
}

await main().catch((error) => {
  console.error(error.message);
  total.failed++;
});
if (failures.length > 0) console.log(`\nfailed:\n${failures.join('\n')}`);
console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
