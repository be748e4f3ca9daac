// Makes dist/ledger, the empty database that the embedded shape begins with: initdb takes ten seconds of WebAssembly on every first start,
// a copy of its files a moment. Made once for each version of PGlite.
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const TEMPLATE = 'dist/ledger';
const MAKING = 'dist/ledger.new';
const MADE_BY = 'dist/ledger.version';

const { version } = JSON.parse(readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8'));
const isMade = existsSync(`${TEMPLATE}/PG_VERSION`) && existsSync(MADE_BY) && readFileSync(MADE_BY, 'utf8') === version;
if (!isMade) {
  for (const path of [TEMPLATE, MAKING]) rmSync(path, { recursive: true, force: true });
  const database = await PGlite.create({ dataDir: MAKING });
  await database.close();
  // Who starts the gateway may be another user than who built it; there is nothing in it to hide.
  for (const one of readdirSync(MAKING, { recursive: true, withFileTypes: true }))
    chmodSync(join(one.parentPath, one.name), one.isDirectory() ? 0o755 : 0o644);
  chmodSync(MAKING, 0o755);
  renameSync(MAKING, TEMPLATE);
  writeFileSync(MADE_BY, version);
}
