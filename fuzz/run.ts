import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { isRefusal, TARGETS } from './targets.js';

/** A fuzzer led by the coverage that V8 counts: `node scripts/fuzz.mjs [seconds] [target ...]`. What fails is kept beside the corpus. */
const [seconds = '600', ...named] = process.argv.slice(2);
const CORPUS = 'test/fuzz/corpus';
const SLOW_MS = 2_000;
const BATCH = 25;
const MOST_BYTES = 65_536;
const POOL = 500;
/** Of each target so many inputs are kept. */
const KEPT = 12;
const INTERESTING = [
  0, 1, 9, 10, 13, 32, 34, 38, 39, 45, 47, 58, 60, 62, 91, 93, 123, 125, 127, 128, 192, 237, 254, 255,
];

const session = new Session();
const seen = new Set<string>();
let random = Number(process.env['SEED'] ?? Date.now()) >>> 0;

/** Mulberry32: the run can be repeated with SEED. */
function next(below: number): number {
  random = (random + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(random ^ (random >>> 15), 1 | random);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;

/** How one input is made of others. */
const MUTATIONS: readonly ((bytes: Buffer, pool: readonly Buffer[], words: readonly string[]) => Buffer)[] = [
  (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[next(copy.length)] = pick(INTERESTING);
    return copy;
  },
  (bytes) => {
    const at = next(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + next(20))]);
  },
  (bytes) => {
    const [from, at] = [next(bytes.length + 1), next(bytes.length + 1)];
    const piece = bytes.subarray(from, from + next(100));
    return Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(1 + next(8)).fill(piece), bytes.subarray(at)]);
  },
  (bytes, _, words) => {
    const at = next(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(words)), bytes.subarray(at + next(4))]);
  },
  (bytes, pool) => {
    const other = pick(pool);
    return Buffer.concat([bytes.subarray(0, next(bytes.length + 1)), other.subarray(next(other.length + 1))]);
  },
];

const WORDS = [
  '<![CDATA[', ']]>', '<!DOCTYPE x>', '<!--', '-->', '<?x ?>', '&#0;', '&lt;', 'xmlns:a=""', '{', '}', '[[', '__proto__', '"a":',
  '\\u0000', '\\ud800', '1e999', '-0', '\r\n\r\n', '\r\n--BB\r\n', '--BB--', 'Content-ID: <a>\r\n', ': &a [*a]', '*a', '<<:', '---\n',
  '!!js ', '%2e%2e%2f', '%00', '..', 'charset=utf-7', '\u202e', '\ufeff', 'PK\u0005\u0006', 'kind: system\n', 'base64',
]; // prettier-ignore

const mutated = (pool: readonly Buffer[]): Buffer => {
  let bytes = pick(pool);
  for (let count = 1 + next(4); count > 0; count--) bytes = pick(MUTATIONS)(bytes, pool, WORDS);
  return bytes.subarray(0, MOST_BYTES);
};

/** How many blocks of our code ran that had not run before. */
async function newBlocks(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const before = seen.size;
  for (const { url, functions } of result) {
    if (!url.includes('/.cache/fuzz/src/')) continue;
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        if (count > 0) seen.add(`${url}:${startOffset}:${endOffset}`);
  }
  return seen.size - before;
}

let failures = 0;

async function once(name: string, bytes: Buffer): Promise<void> {
  const start = performance.now();
  let failure: unknown = null;
  try {
    await TARGETS[name]?.(bytes);
  } catch (error) {
    if (!isRefusal(error)) failure = error;
  }
  const ms = performance.now() - start;
  if (failure === null && ms < SLOW_MS) return;
  failures++;
  const file = join(CORPUS, '..', `failure-${name}-${digest(bytes)}`);
  writeFileSync(file, bytes);
  console.log(`FAILED ${name} ${Math.round(ms)} ms ${file}`, failure);
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

function seeds(directory: string): Buffer[] {
  mkdirSync(directory, { recursive: true });
  const kept = readdirSync(directory).map((file) => readFileSync(join(directory, file)));
  return kept.length > 0 ? kept : [Buffer.from('<a>1</a>'), Buffer.from('{"a":[1]}'), Buffer.from('a: 1\n')];
}

async function fuzz(name: string, forMs: number): Promise<number> {
  const directory = join(CORPUS, name);
  const pool = seeds(directory);
  let left = KEPT - readdirSync(directory).length;
  let count = 0;
  for (const bytes of [...pool]) await once(name, bytes);
  await newBlocks();
  for (const end = Date.now() + forMs; Date.now() < end;) {
    const batch = Array.from({ length: BATCH }, () => mutated(pool));
    for (const bytes of batch) {
      await once(name, bytes);
      count++;
    }
    if ((await newBlocks()) === 0) continue;
    if (left-- > 0 && batch[0]) writeFileSync(join(directory, digest(batch[0])), batch[0].subarray(0, 4_096));
    pool.push(...batch);
    if (pool.length > POOL) pool.splice(0, pool.length - POOL);
  }
  return count;
}

const mib = () => Math.round(process.memoryUsage.rss() / 1_048_576);
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
const names = named.length > 0 ? named : Object.keys(TARGETS);
let total = 0;
const before = mib();
for (const name of names) {
  const count = await fuzz(name, (Number(seconds) * 1_000) / names.length);
  total += count;
  console.log(`${name}: ${count} executions, ${seen.size} blocks in all, ${mib()} MiB`);
}
console.log(`${total} executions, ${failures} failures; memory ${before} -> ${mib()} MiB`);
process.exit(failures > 0 ? 1 : 0);
