// What the results of Jest say, test by test: of a run, and of what failed in it and was run again.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** What stands for a suite that fails beside its tests: it does not load, or its end goes wrong. */
const SUITE = 'the suite itself';

/** The tests of a result, `{ file, name, status, why }` under a key of their own. */
export function testsOf(result) {
  const tests = new Map();
  for (const { name: path, status, message, assertionResults } of result?.testResults ?? []) {
    const file = relative(process.cwd(), path);
    const add = (name, told, why) => {
      let key = `${file}: ${name}`;
      while (tests.has(key)) key += '+';
      tests.set(key, { file, name, status: told, why: firstLines(why) });
    };
    for (const { fullName, status: told, failureMessages } of assertionResults)
      add(fullName, told, failureMessages?.[0] ?? '');
    const known = assertionResults.some((one) => one.status === 'failed');
    add(SUITE, status === 'failed' && !known ? 'failed' : 'passed', message);
  }
  return tests;
}

export const failedFiles = (tests) => [
  ...new Set([...tests.values()].filter(({ status }) => status === 'failed').map(({ file }) => file)),
];

/**
 * Counts, and names what failed. `again` has the tests of the suites that were run again: what failed and has then passed,
 * or the other way round, is unsteady and counts as passed; what failed twice, or did not run again, has failed.
 */
export function judge(first, again = new Map()) {
  const verdict = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
  for (const key of new Set([...first.keys(), ...again.keys()])) {
    const [one, other] = [first.get(key), again.get(key)];
    const seen = [one, other].filter(Boolean).map(({ status }) => status);
    const bad = [one, other].find((test) => test?.status === 'failed');
    const steady = !seen.includes('passed');
    const reversed = one?.status === 'passed' ? ' (passed first, failed when run again)' : '';
    if (bad) verdict[steady ? 'failures' : 'unsteady'].push({ ...bad, name: `${bad.name}${reversed}` });
    if (bad && steady) verdict.failed++;
    else if ((one ?? other).name === SUITE) continue;
    else if (seen.includes('passed')) verdict.passed++;
    else verdict.skipped++;
  }
  return verdict;
}

const firstLines = (text = '') => stripVTControlCharacters(text).trim().split('\n').slice(0, 8).join('\n    ');

export const told = ({ file, name, why }) => `  ${file}: ${name}\n    ${why}`;
