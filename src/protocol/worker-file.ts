import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The compiled worker `name` beside the module at `base` (its import.meta.url), or under dist/`folder` where the module
 * runs from src/`folder` (tests). Throws Error.
 */
export function workerFile(base: string, folder: string, name: string): string {
  const root = '../'.repeat(folder.split('/').length + 1);
  const places = [`./${name}.js`, `${root}dist/${folder}/${name}.js`];
  const found = places.map((place) => fileURLToPath(new URL(place, base))).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`The worker ${name} is not built: run \`npm run build\` first`);
  return found;
}
