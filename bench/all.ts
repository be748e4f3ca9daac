/** Runs the benches named in the arguments, or each of them, in a process of its own. Fails where one does. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BENCHES: Readonly<Record<string, string>> = {
  gateway: 'run',
  query: 'query',
  registry: 'registry-swap',
  search: 'search',
  validation: 'validation',
  years: 'years',
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  const script = BENCHES[name];
  if (script === undefined) throw new Error(`no bench ${name}: choose of ${Object.keys(BENCHES).join(', ')}`);
  const [code] = await once(fork(fileURLToPath(new URL(`./${script}.js`, import.meta.url))), 'exit');
  if (code !== 0) process.exitCode = 1;
}
