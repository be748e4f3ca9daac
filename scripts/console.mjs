// Builds the operators' console into dist/console: the types of the operators' API from its own OpenAPI document, then the pages, each
// file compressed beside itself, and the list of the packages that went into them. Skipped where nothing that it is made of is newer than the build.
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import openapiTypes, { astToString } from 'openapi-typescript';
import { build } from 'vite';
import { operatorsApi } from './admin-routes.mjs';

const TYPES = 'console/src/api/operators-api.d.ts';
const BUILT = 'dist/console/index.html';
/** Places in package-lock.json, for the bill of materials. */
const LIBRARIES = 'dist/console-libraries.json';
const COMPRESSED = /\.(js|css|svg|html)$/;

const files = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const newest = (paths) => Math.max(...paths.map((path) => statSync(path).mtimeMs));

async function writeTypes() {
  const document = await operatorsApi();
  const text = astToString(await openapiTypes(document));
  if (!existsSync(TYPES) || readFileSync(TYPES, 'utf8') !== text) writeFileSync(TYPES, text);
}

/** Browsers of operators take Brotli; a proxy between may only know gzip. */
function compress(path) {
  const bytes = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

/** Whose code, style sheets, fonts or pictures are in what was built. */
function writeLibraries({ output }) {
  const origins = output.flatMap(({ modules, originalFileNames }) =>
    modules ? Object.keys(modules).filter((id) => modules[id].renderedLength > 0) : originalFileNames,
  );
  const places = origins.flatMap((path) => /node_modules\/.*(?<=node_modules\/)(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  writeFileSync(LIBRARIES, `${JSON.stringify([...new Set(places)].sort(), null, 2)}\n`);
}

const apiSources = files('dist/admin').filter((path) => path.endsWith('.js'));
if (!existsSync(TYPES) || newest(apiSources) > statSync(TYPES).mtimeMs) await writeTypes();

const sources = [...files('console'), ...files('src/message'), 'package-lock.json'];
if (!existsSync(LIBRARIES) || !existsSync(BUILT) || newest(sources) > statSync(BUILT).mtimeMs) {
  writeLibraries(await build({ configFile: 'console/vite.config.ts', logLevel: 'error' }));
  files('dist/console')
    .filter((path) => COMPRESSED.test(path))
    .forEach(compress);
}
// By which `demo` sees that a build is newer than its sources.
utimesSync(BUILT, new Date(), new Date());
