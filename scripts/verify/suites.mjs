// Runs suites of Jest; what fails is run once more, alone.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { runGroup } from './group.mjs';
import { failedFiles, judge, testsOf } from './outcome.mjs';

const SLOWEST = 12;

/** The result that Jest has written, or null where it has come to no result; its output is shown as it comes. */
async function jest(name, args, env) {
  const out = `.cache/${name.replaceAll(/\W+/g, '-')}.json`;
  rmSync(out, { force: true });
  // A suite whose set-up has failed may leave a process behind, for which Jest would wait for ever.
  const all = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', out, '--passWithNoTests', '--forceExit'];
  const options = {
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  const code = await runGroup(process.execPath, [...all, ...args], options);
  return existsSync(out) ? { code, result: JSON.parse(readFileSync(out, 'utf8')) } : null;
}

/**
 * `{ passed, failed, skipped, failures, unsteady }` of the suites that `args` name; see `judge`. Suites without I/O have no
 * second try: what fails there now and then is a bug.
 */
export async function runSuites(name, args, env = {}, secondTry = true) {
  const began = Date.now();
  console.log(`\n==> ${name} tests`);
  const run = await jest(name, args, env);
  const first = testsOf(run?.result);
  const again = new Map();
  for (const file of secondTry ? failedFiles(first) : []) {
    console.log(`\n==> once more, alone: ${file}`);
    const other = await jest(
      `${name} again`,
      ['--runInBand', '--verbose', '--testTimeout', '60000', '--runTestsByPath', file],
      env,
    );
    for (const [key, test] of testsOf(other?.result)) again.set(key, test);
  }
  const verdict = judge(first, again);
  if (run === null || (run.code !== 0 && failedFiles(first).length === 0)) {
    verdict.failed++;
    verdict.failures.push({ file: name, name: 'Jest', why: 'it ended without a result' });
  }
  console.log(`${name}: ${Math.round((Date.now() - began) / 1000)} s`);
  tellSlowest(run?.result);
  return verdict;
}

function tellSlowest(result) {
  const took = ({ startTime, endTime }) => (endTime - startTime) / 1000;
  const slowest = [...(result?.testResults ?? [])].sort((a, b) => took(b) - took(a)).slice(0, SLOWEST);
  for (const suite of slowest.filter((one) => took(one) >= 10))
    console.log(`  ${Math.round(took(suite))} s ${relative(process.cwd(), suite.name)}`);
}
