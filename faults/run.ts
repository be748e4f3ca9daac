/** `npm run faults`: see docs/faults-bench.md. Exits with 1 where an invariant is broken or a planted defect is not seen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { diskVolume, mayMount } from '../test/support/small-volume.js';
import { DEFECTS, plant, uproot, type Defect } from './defects.js';
import { FAULTS, SMOKE } from './faults/all.js';
import { breachesOf, type Breach } from './invariants.js';
import { recoveries } from './recovery.js';
import { print, reportOf, type Report } from './report.js';
import { runScenario } from './scenario.js';
import { scheduleOf } from './schedule.js';
import { startServers, type Servers } from './servers.js';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    messages: { type: 'string' },
    rate: { type: 'string' },
    times: { type: 'string' },
    faults: { type: 'string' },
    controls: { type: 'string' },
    report: { type: 'string', default: '.cache/faults/report.json' },
  },
});
const { short } = values;

const FORM = short
  ? { rate: 40, every: 7, hold: [2, 3] as const, times: 1, drainMs: 30_000 }
  : { rate: 100, every: 20, hold: [5, 15] as const, times: 3, drainMs: 60_000 };
const CONTROL = { at: 2, rate: 60, tailSeconds: 3, drainMs: 8_000 };
/** Controls of the short form: they need no fault, or a short one. */
const QUICK = 'answer before commit,receivers swapped,dedupe off';
const DIRECTORY = '.cache/faults/ledgers';

const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const rate = Number(values.rate ?? FORM.rate);
const wanted = values.faults?.split(',') ?? (short ? SMOKE : [...FAULTS.keys()]);
const nodesOfRabbit = short ? 1 : 3;
const mounts = mayMount(diskVolume);

/** Why this machine or this form cannot show it; null: it can. */
function unshown(id: string): string | null {
  const { needsVolume, needsPeers } = FAULTS.get(id) ?? {};
  if (needsVolume && !mounts) return 'this process may not mount a volume';
  return needsPeers && nodesOfRabbit === 1 ? 'one RabbitMQ node has no peers to part it from' : null;
}

const chosen = wanted.filter((id) => unshown(id) === null);

async function bench(servers: Servers, seed: number): Promise<Report> {
  const faults = chosen.filter((id) => FAULTS.has(id));
  const plan = scheduleOf({
    seed,
    faults,
    times: Number(values.times ?? FORM.times),
    every: FORM.every,
    hold: FORM.hold,
  });
  const messages = Number(values.messages ?? Infinity);
  console.log(`seed ${seed}: ${plan.map(({ fault }) => fault).join(' ')}; ${rate} messages a second`);
  const load = { perSecond: rate, messages, tailSeconds: FORM.every };
  const order = { seed, load, plan, faults: FAULTS, main: 'dist/main.js', directory: DIRECTORY, drainMs: FORM.drainMs };
  const run = await runScenario(servers, order);
  const breaches = breachesOf(run.evidence);
  const report = reportOf(seed, run, breaches, recoveries(run.evidence, run.happened, FAULTS));
  print(report);
  writeFileSync(`${DIRECTORY}/logs.txt`, run.logs);
  return report;
}

/** Breaches in a run of the defect's fault on the build of `main`. */
async function underFault(servers: Servers, { fault, holdSeconds: hold }: Defect, main: string, drainMs: number) {
  const plan = fault === null ? [] : [{ fault: fault.id, at: CONTROL.at, hold }];
  const faults = new Map(fault === null ? [] : [[fault.id, fault]]);
  const load = { perSecond: CONTROL.rate, messages: Infinity, tailSeconds: CONTROL.tailSeconds };
  const order = { seed, load, plan, faults, main, directory: `${DIRECTORY}/control`, drainMs };
  return breachesOf((await runScenario(servers, order)).evidence);
}

const tell = (breaches: readonly Breach[]) =>
  breaches.map(({ invariant, count, what }) => `${invariant} ${count} ${what}`).join('; ');

/** True where the bench has seen the defect, and (long form) nothing in the sound build under the same fault. */
async function control(servers: Servers, defect: Defect): Promise<boolean> {
  const found = await underFault(servers, defect, plant(defect), CONTROL.drainMs);
  const seen = found.filter(({ invariant }) => defect.seenBy.includes(invariant));
  console.log(`  control "${defect.name}": ${seen.length > 0 ? `seen (${tell(seen)})` : `NOT SEEN (${tell(found)})`}`);
  if (short || defect.fault === null) return seen.length > 0;
  const sound = await underFault(servers, defect, 'dist/main.js', FORM.drainMs);
  console.log(`  the sound build under the same: ${sound.length === 0 ? 'nothing' : `BROKEN (${tell(sound)})`}`);
  return seen.length > 0 && sound.length === 0;
}

const isWhole = ({ invariants, recoveries: seen }: Report) =>
  Object.values(invariants).every((verdict) => typeof verdict === 'string') &&
  (short || seen.every(({ over }) => over.length === 0));

function defectsAsked(): readonly Defect[] {
  const names = values.controls ?? (short ? QUICK : 'all');
  if (names === 'none') return [];
  return names === 'all' ? DEFECTS : DEFECTS.filter(({ name }) => names.split(',').includes(name));
}

async function main(): Promise<boolean> {
  const former =
    values.seed === undefined && !short ? (JSON.parse(readFileSync('faults/seeds.json', 'utf8')) as number[]) : [];
  console.log(
    `starting PostgreSQL with a standby and ${nodesOfRabbit} RabbitMQ on ${availableParallelism()} cores ...`,
  );
  for (const id of wanted) if (unshown(id) !== null) console.log(`  ${id}: not shown, ${unshown(id)}`);
  const servers = await startServers(
    nodesOfRabbit,
    chosen.some((id) => FAULTS.get(id)?.needsVolume),
  );
  const controls: Record<string, boolean> = {};
  const reports: Report[] = [];
  try {
    for (const one of [...former, seed])
      if (chosen.some((id) => FAULTS.has(id))) reports.push(await bench(servers, one));
    for (const defect of defectsAsked()) controls[defect.name] = await control(servers, defect);
  } finally {
    uproot();
    await servers.stop();
  }
  writeFileSync(values.report, JSON.stringify({ reports, controls }, null, 2));
  return reports.every(isWhole) && Object.values(controls).every(Boolean);
}

/** Over it the bench ends whatever hangs; watchdogs then end the servers and remove their directories. */
const LIMIT_MS = short ? 600_000 : 4 * 3_600_000;
const late = setTimeout(() => {
  console.error(`THE BENCH HAS FAILED: it was not over in ${LIMIT_MS / 1_000} s`);
  process.exit(1);
}, LIMIT_MS);
const whole = await main();
clearTimeout(late);
console.log(whole ? 'the bench has passed' : 'THE BENCH HAS FAILED');
process.exit(whole ? 0 : 1);
