// The programs that the tests start or call, and where to run them on a machine that is no Debian.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from '../steps.mjs';

/** With the Debian package that brings each. */
const NEEDS = [
  ['rabbitmq-server', () => existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')],
  ['postgresql', () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0],
  ['docker-compose', () => has('docker-compose') || spawnSync('docker', ['compose', 'version']).status === 0],
  ['chromium', () => has('chromium')],
  ['curl', () => has('curl')],
  ['libxml2-utils', () => has('xmllint')],
  ['python3-zeep', () => spawnSync('/usr/bin/python3', ['-c', 'import zeep']).status === 0],
];
const FOR_BENCH = [['wrk', () => has('wrk')]];

const missingPrograms = (bench) =>
  [...NEEDS, ...(bench ? FOR_BENCH : [])].filter(([, present]) => !present()).map(([name]) => name);

/** Where programs are missing and this is no Debian: the same command in a Debian container. Its exit code, else null. */
export async function inContainer(bench) {
  const missing = missingPrograms(bench);
  if (missing.length === 0 || has('apt-get')) return null;
  if (!has('docker')) throw new Error(`no apt-get and no docker here: install ${missing.join(', ')}`);
  const here = process.cwd();
  const shared = join(here, '..', 'shared');
  // The container's packages are not this machine's: its node_modules is a volume of its own.
  const mounts = ['-v', `${here}:${here}`, '-v', `${here}/node_modules`];
  if (existsSync(shared)) mounts.push('-v', `${shared}:${shared}:ro`);
  console.log('==> no apt-get here: running in a Debian container');
  const command = ['npm', 'run', '--silent', 'verify', '--', ...process.argv.slice(2)];
  return run('docker', ['run', '--rm', '--init', ...mounts, '-w', here, 'node:20-bookworm', ...command]);
}

export async function installPrograms(bench) {
  const missing = missingPrograms(bench);
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
