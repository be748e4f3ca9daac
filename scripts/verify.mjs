// Everything that CI runs. Installs what the tests need, then runs each tier; the last line counts all tests.
// `--all` adds the bench, and sends large contents of 1 GiB. Nothing here touches a server that already runs on the machine.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { has, installPackages } from './steps.mjs';
import { runGroup } from './verify/group.mjs';
import { told } from './verify/outcome.mjs';
import { inContainer, installPrograms } from './verify/programs.mjs';
import { runSuites } from './verify/suites.mjs';

const all = process.argv.includes('--all');
const total = { passed: 0, failed: 0, skipped: 0 };
const started = Date.now();
const failures = [];
const unsteady = [];

/** A check that is one test: passed by exit code 0. */
async function step(name, command, args) {
  const began = Date.now();
  console.log(`\n==> ${name}`);
  const code = await runGroup(command, args);
  total[code === 0 ? 'passed' : 'failed']++;
  if (code !== 0) failures.push(`  ${name}`);
  console.log(`${name}: ${Math.round((Date.now() - began) / 1000)} s`);
}

function skip(name, why) {
  console.log(`\n==> ${name}: skipped, ${why}`);
  total.skipped++;
}

/** Known weaknesses of what the gateway brings with it; not every registry tells them. */
async function audit() {
  // A silent `npm run` above would keep it from saying why.
  const args = ['audit', '--omit', 'dev', '--audit-level', 'high', '--loglevel', 'error'];
  const { stderr } = spawnSync('npm', args, { encoding: 'utf8', timeout: 60_000 });
  if (/audit endpoint returned an error|ENOTFOUND|ECONN|ETIMEDOUT/.test(stderr))
    return skip('npm audit', 'this registry does not answer it');
  await step('npm audit', 'npm', args);
}

/** The suites that weigh the gateway or hold it to times under a second: nothing else runs beside them. */
const ALONE =
  '/(bad-input|large|large-ways|query)\\.e2e-spec|/(backpressure|burst|isolation|start)\\.fault-spec' +
  '|/(publish-limits|statistics)\\.int-spec|/speed\\.console-spec';
/** Those that hold it to times of some seconds, and mostly wait for them: two at once. */
const IN_PAIRS =
  '/(circuit|rate|replay|replay-takeover|turns|query-amqp-ends|query-hedging|query-pull)\\.e2e-spec' +
  '|/(agreement|resilience)\\.fault-spec|/broker-cluster\\.int-spec';
const LONGEST_FIRST = './scripts/verify/longest-first.mjs';
/** One worker more than the two cores of a small machine: most suites wait, for servers that start and times that pass. */
const BESIDE = [
  '--maxWorkers',
  '3',
  '--testSequencer',
  LONGEST_FIRST,
  '--testPathIgnorePatterns',
  `${ALONE}|${IN_PAIRS}`,
];
const LONG = ['--verbose', '--testTimeout', '60000'];
/** A gateway that a suite starts lives for seconds: without these V8 spends two fifths of its CPU on making it quick for hours. */
const SHORT_LIVED = { GATEWAY_NODE_FLAGS: '--v8-pool-size=1 --liftoff-only --interrupt-budget=1000000' };

async function suites(name, args, { secondTry = true, env = {} } = {}) {
  const verdict = await runSuites(name, args, all ? { ALL: '1', ...env } : env, secondTry);
  for (const count of Object.keys(total)) total[count] += verdict[count];
  failures.push(...verdict.failures.map(told));
  unsteady.push(...verdict.unsteady.map(told));
}

async function tests() {
  // Each of them keeps one core busy.
  const lint = step('lint', 'npm', ['run', '--silent', 'lint']);
  await suites('unit', ['--selectProjects', 'unit'], { secondTry: false });
  await lint;
  const tiers = ['--selectProjects', 'conformance', 'integration', 'e2e', 'console', 'faults'];
  await suites('conformance, integration, e2e, console and fault', [...tiers, ...BESIDE, ...LONG], {
    env: SHORT_LIVED,
  });
  await suites('timed, in pairs', [
    ...tiers,
    '--maxWorkers',
    '2',
    '--testSequencer',
    LONGEST_FIRST,
    '--testPathPatterns',
    IN_PAIRS,
    ...LONG,
  ]);
  await suites('timed, alone', [...tiers, '--runInBand', '--testPathPatterns', ALONE, ...LONG]);
}

async function main() {
  const contained = await inContainer(all);
  if (contained !== null) process.exit(contained);
  await installPackages();
  await installPrograms(all);
  mkdirSync('.cache', { recursive: true });
  await step('build', 'npm', ['run', '--silent', 'build']);
  await step('manifest of schemas/', 'node', ['scripts/manifest.mjs', '--check']);
  await step('supply chain', 'node', ['scripts/supply-chain.mjs']);
  await tests();
  await step('fault bench, short', 'npm', ['run', '--silent', 'faults', '--', '--short']);
  const compose = has('docker-compose') ? ['docker-compose', []] : ['docker', ['compose']];
  await step('docker compose config', compose[0], [...compose[1], 'config', '--quiet']);
  await audit();
  if (all) await step('bench', 'npm', ['run', '--silent', 'bench']);
  else skip('bench', 'only with --all');
}

await main().catch((error) => {
  console.error(error.message);
  total.failed++;
});
if (unsteady.length > 0)
  console.log(`\nUNSTEADY: failed first, passed when run again (counted as passed)\n${unsteady.join('\n')}`);
if (failures.length > 0) console.log(`\nfailed:\n${failures.join('\n')}`);
console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
