#!/usr/bin/env node
/** Writes schemas/MANIFEST.json: every published file with its version and sha256. `--check` fails where it is stale. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../schemas/', import.meta.url));
const MANIFEST = 'MANIFEST.json';

const published = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== MANIFEST && entry.name !== 'README.md')
  .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').replaceAll('//', '/').slice(ROOT.length))
  .sort();

const files = published.map((file) => ({
  file,
  version: /\/(\d+\.\d+)\//.exec(file)?.[1] ?? null,
  sha256: createHash('sha256')
    .update(readFileSync(ROOT + file))
    .digest('hex'),
}));
const text = `${JSON.stringify({ licence: 'CC0-1.0', files }, null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(ROOT + MANIFEST, text);
  console.log(`schemas/${MANIFEST}: ${files.length} files`);
} else if (readFileSync(ROOT + MANIFEST, 'utf8') !== text) {
  console.error(`schemas/${MANIFEST} is stale: run node scripts/manifest.mjs`);
  process.exitCode = 1;
} else {
  console.log(`schemas/${MANIFEST}: ${files.length} files as published`);
}
