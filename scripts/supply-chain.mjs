// What comes from others: every package of the lock file is pinned by its digest, comes from the registry, needs no script at install
// and stands under a licence that the EUPL can live with. Writes the bill of materials (CycloneDX) of the gateway and of what the
// build has put into its console to .cache/sbom.cdx.json.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

const SBOM = '.cache/sbom.cdx.json';
/** Written by scripts/console.mjs. */
const LIBRARIES = 'dist/console-libraries.json';

/** As the packages write them; whatever is distributed with the gateway may be distributed under these terms. */
const LICENCES = [
  ...['MIT', 'ISC', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Python-2.0', 'CC0-1.0'],
  ...[
    'Apache-2.0 AND MIT',
    '(MIT OR CC0-1.0)',
    'MIT OR Apache-2.0',
    '(MIT OR Apache-2.0)',
    'Unlicense',
    'EUPL-1.2',
    'MIT-0',
  ],
];

/** Of tools, which are not distributed. */
const OF_TOOLS = {
  'caniuse-lite': 'CC-BY-4.0',
  busboy: undefined,
  streamsearch: undefined,
  'humanize-number': undefined,
  'dom-walk': undefined,
  'axe-core': 'MPL-2.0',
  '@axe-core/playwright': 'MPL-2.0',
};

/** MIT and BSD-3-Clause in their LICENSE files, and this in package.json. */
const SAID_OTHERWISE = { 'png-js': undefined, 'design-react-kit': 'BSD-3' };
const isSaidOtherwise = (name, license) => Object.hasOwn(SAID_OTHERWISE, name) && SAID_OTHERWISE[name] === license;

/** Vite's compiler of style sheets, with a package for each platform. */
const isOfTools = (name, license) =>
  (Object.hasOwn(OF_TOOLS, name) && OF_TOOLS[name] === license) ||
  (/^lightningcss\b/.test(name) && license === 'MPL-2.0');

/** Their binaries come in packages of their own, or what the script does is not wanted; .npmrc keeps all from running. */
const SCRIPTS = ['@parcel/watcher', '@scarf/scarf', '@swc/core', 'unrs-resolver'];

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

function licenceProblem(name, { license }, isTool) {
  if (LICENCES.includes(license) || isSaidOtherwise(name, license)) return [];
  if (isTool && isOfTools(name, license)) return [];
  return [`${name}: licence ${license ?? 'unknown'} is not one of those that were looked at`];
}

function originProblem(name, { integrity, resolved, hasInstallScript }) {
  const isElsewhere = resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/');
  return [
    ...(/^sha512-/.test(integrity ?? '') ? [] : [`${name}: not pinned by a SHA-512`]),
    ...(isElsewhere ? [`${name}: comes from ${resolved}`] : []),
    ...(hasInstallScript && !SCRIPTS.includes(name) ? [`${name}: wants to run a script at install`] : []),
  ];
}

/** What is wrong with a lock file, a line each; `libraries`: places in it of what is in the console. */
export function problemsOf({ packages }, libraries = []) {
  const others = Object.entries(packages).filter(([path]) => path !== '');
  return others.flatMap(([path, one]) => [
    ...licenceProblem(nameOf(path), one, one.dev && !libraries.includes(path)),
    ...originProblem(nameOf(path), one),
  ]);
}

/** npm's own bill without what only tools need; its `--omit dev` leaves out what tools and gateway share. */
function writeBill({ packages }, libraries) {
  const options = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const { status, stdout, stderr } = spawnSync('npm', options, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`npm sbom: ${stderr}`);
  const brought = Object.entries(packages).filter(
    ([path, { dev }]) => path !== '' && (!dev || libraries.includes(path)),
  );
  const names = new Set(brought.map(([path, { version }]) => `${nameOf(path)}@${version}`));
  const bill = JSON.parse(stdout);
  const isOurs = (reference) => reference === bill.metadata.component['bom-ref'] || names.has(reference);
  const dependencies = bill.dependencies.filter(({ ref }) => isOurs(ref));
  const kept = {
    ...bill,
    components: bill.components.filter((one) => isOurs(one['bom-ref'])),
    dependencies: dependencies.map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isOurs) })),
  };
  mkdirSync(dirname(SBOM), { recursive: true });
  writeFileSync(SBOM, JSON.stringify(kept, null, 2));
  return { count: kept.components.length, of: names.size };
}

function main() {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const libraries = JSON.parse(readFileSync(LIBRARIES, 'utf8'));
  const problems = problemsOf(lock, libraries);
  for (const problem of problems) console.error(problem);
  const { count, of } = writeBill(lock, libraries);
  console.log(
    `${Object.keys(lock.packages).length - 1} packages, ${problems.length} problems; ${SBOM}: ${count} of ${of} components`,
  );
  process.exit(problems.length === 0 && count === of ? 0 : 1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
