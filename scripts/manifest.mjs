#!/usr/bin/env node
/**
 * Writes schemas/MANIFEST.json, every published file with its version and sha256, and before it the registry's schema
 * from src/registry/documents/*-schema.ts. `--check` fails where one of the two is stale.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../schemas/', import.meta.url));
const MANIFEST = 'MANIFEST.json';

const checks = process.argv.includes('--check');

/** Writes the file, or says that it is stale. */
function publish(file, text) {
  if (!checks) return writeFileSync(ROOT + file, text);
  if (existsSync(ROOT + file) && readFileSync(ROOT + file, 'utf8') === text) return undefined;
  console.error(`schemas/${file} is stale: run node scripts/manifest.mjs`);
  process.exitCode = 1;
  return undefined;
}

const DOCUMENTS = new URL('../src/registry/documents/', import.meta.url);
const OUT = new URL('../.cache/schema/', import.meta.url);
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
mkdirSync(OUT, { recursive: true });
for (const name of readdirSync(DOCUMENTS).filter((file) => file.endsWith('-schema.ts'))) {
  const { outputText } = ts.transpileModule(readFileSync(new URL(name, DOCUMENTS), 'utf8'), { compilerOptions });
  writeFileSync(new URL(name.replace(/ts$/, 'js'), OUT), outputText);
}
const { REGISTRY_SCHEMA } = await import(new URL('registry-schema.js', OUT).href);
publish('crocevia/1.0/registry.schema.json', `${JSON.stringify(REGISTRY_SCHEMA, null, 2)}\n`);

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

publish(MANIFEST, text);
console.log(`schemas/${MANIFEST}: ${files.length} files ${checks ? 'checked' : 'written'}`);
