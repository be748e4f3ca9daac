// Runs commands one after the other with visible progress; shared by verify and demo.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';

/** Runs a command with its output shown; resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

export const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

const lockDigest = () => createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const STAMP = 'node_modules/.crocevia-installed';

/** npm ci where node_modules is missing or belongs to another lock file. */
export async function installPackages() {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockDigest()) return;
  console.log('==> npm ci (the first time takes a minute)');
  if ((await run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'])) !== 0) throw new Error('npm ci failed');
  writeFileSync(STAMP, lockDigest());
}

/** Written last by a build. */
const NEWEST = 'dist/console/index.html';

/** Builds where a source is newer than the build. */
export async function build() {
  if (existsSync(NEWEST) && newestSource() < statSync(NEWEST).mtimeMs) return 0;
  console.log('==> build');
  mkdirSync('.cache', { recursive: true });
  return run('npm', ['run', '--silent', 'build']);
}

function newestSource() {
  const { stdout } = spawnSync(
    'find',
    ['src', 'console', 'package-lock.json', 'tsconfig.json', '-type', 'f', '-printf', '%T@\\n'],
    { encoding: 'utf8' },
  );
  return Math.max(...stdout.trim().split('\n').map(Number)) * 1000;
}
