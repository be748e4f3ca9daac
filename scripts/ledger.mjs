// Makes dist/ledger, the empty database that the embedded shape begins with: initdb takes ten seconds of WebAssembly on every first start,
// a copy of its files a moment. Made once for each version of PGlite.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  renameSync(MAKING, TEMPLATE);
  writeFileSync(MADE_BY, version);
}
