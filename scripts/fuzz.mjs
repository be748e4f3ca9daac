// Builds and runs the fuzzer: `node scripts/fuzz.mjs [seconds] [target ...]`.
import { run } from './steps.mjs';

for (const [command, ...args] of [
  ['npm', 'run', '--silent', 'build'],
  ['npx', 'tsc', '-p', 'fuzz/tsconfig.json'],
  [process.execPath, '--expose-gc', '.cache/fuzz/fuzz/run.js', ...process.argv.slice(2)],
]) {
  const code = await run(command, args);
  if (code !== 0) process.exit(code);
}
