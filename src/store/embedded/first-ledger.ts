import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** PostgreSQL takes a directory with this file for a database. */
const MARK = 'PG_VERSION';

/**
 * Lays the empty database that came with the build where there is none yet; the mark of a database comes last, so that one that was broken
 * off is laid again. Without a template nothing is laid, and the engine makes its own.
 */
export async function layFirstLedger(directory: string, template: string): Promise<void> {
  if (existsSync(join(directory, MARK)) || !existsSync(join(template, MARK))) return;
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const at = (path: string) => join(directory, path.slice(template.length));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const one of entries)
    if (one.isDirectory()) await mkdir(at(join(one.parentPath, one.name)), { recursive: true });
  for (const one of entries) {
    const path = join(one.parentPath, one.name);
    if (one.isFile() && path !== join(template, MARK)) await copy(path, at(path));
  }
  const mark = join(directory, `${MARK}.new`);
  await copy(join(template, MARK), mark);
  await rename(mark, join(directory, MARK));
}

/** Whoever made the template may be another user than who owns the database, which nobody else may read. */
const copy = async (from: string, to: string) => writeFile(to, await readFile(from), { mode: 0o600 });
