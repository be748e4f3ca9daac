import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** True where a file of the directory, or one of the others, was changed within the last milliseconds: it may be half written. */
export function justChanged(directory: string, others: readonly string[], withinMs: number): boolean {
  const own = readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name)));
  const now = Date.now();
  return [...new Set([...own, ...others])].some((path) => {
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return changed !== undefined && changed <= now && now - changed < withinMs;
  });
}
