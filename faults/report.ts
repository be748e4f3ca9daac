import type { Breach } from './invariants.js';
import { INVARIANTS } from './invariants.js';
import { percentile } from './percentile.js';
import type { Spared } from './others.js';
import type { Recovery } from './recovery.js';
import type { Run } from './scenario.js';

/** Machine-readable result of one run. */
export interface Report {
  readonly seed: number;
  readonly messages: number;
  readonly accepted: number;
  readonly requests: number;
  readonly deliveries: number;
  /** Repetitions of one delivery under its key: at least once is what is promised. */
  readonly rawDuplicates: number;
  readonly acceptP99Ms: number;
  readonly drainMs: number;
  readonly invariants: Readonly<Record<string, 'held' | readonly Breach[]>>;
  readonly recoveries: readonly Recovery[];
  readonly bound: string;
}

export function reportOf(
  seed: number,
  { evidence, drainMs }: Run,
  breaches: readonly Breach[],
  recoveries: readonly Recovery[],
): Report {
  const { sent, got } = evidence;
  const accepted = sent.filter(({ status }) => status === 202 || status === 200);
  const taken = got.filter((row) => row.taken);
  const ids = new Set(accepted.map(({ id }) => id));
  const lost = breaches.find(({ invariant }) => invariant === 'I1')?.count ?? 0;
  return {
    seed,
    messages: new Set(sent.map(({ id }) => id)).size,
    accepted: ids.size,
    requests: sent.length,
    deliveries: taken.length,
    rawDuplicates: taken.length - new Set(taken.map(({ key }) => key)).size,
    acceptP99Ms: percentile(
      accepted.map(({ ms }) => ms),
      99,
    ),
    drainMs,
    invariants: Object.fromEntries(Object.keys(INVARIANTS).map((name) => [name, verdict(name, breaches)])),
    recoveries,
    bound: boundOf(lost, ids.size),
  };
}

function verdict(name: string, breaches: readonly Breach[]) {
  const own = breaches.filter(({ invariant }) => invariant === name);
  return own.length === 0 ? ('held' as const) : own;
}

/** None of n seen says, at 95 %, that fewer than 3 in n are lost (rule of three): that, not "never". */
export function boundOf(lost: number, of: number): string {
  if (of === 0) return 'nothing was accepted: this run says nothing';
  if (lost > 0) return `${lost} of ${of} lost`;
  return `0 of ${of} lost: with 95 % confidence fewer than ${(3 / of).toExponential(1)} of all`;
}

export function print(report: Report): void {
  const { messages, accepted, requests, deliveries, rawDuplicates, acceptP99Ms, drainMs } = report;
  console.log(`  ${messages} messages, ${requests} requests, ${accepted} accepted, p99 ${acceptP99Ms} ms`);
  console.log(`  ${deliveries} deliveries, ${rawDuplicates} of them repeated; all ended ${drainMs} ms after the load`);
  for (const [name, verdict] of Object.entries(report.invariants)) {
    const told =
      typeof verdict === 'string'
        ? verdict
        : verdict.map(({ what, count, ids }) => `${count} ${what} (${ids.join(', ')})`).join('; ');
    console.log(`  ${name} ${INVARIANTS[name]!.says}: ${told}`);
  }
  for (const recovery of report.recoveries) console.log(`  ${lineOf(recovery)}`);
  console.log(`  ${report.bound}`);
}

function lineOf({ fault, heldMs, acceptGapMs, deliverGapMs, acceptP99Ms, spared, over }: Recovery): string {
  const gaps = `longest gap of acceptance ${acceptGapMs} ms, of delivery ${deliverGapMs} ms, acceptance p99 ${acceptP99Ms} ms`;
  const verdict = over.length === 0 ? '' : ` - OVER ITS LIMIT: ${over.join(', ')}`;
  return `${fault} (${heldMs} ms): ${gaps}${spared ? `, ${othersOf(spared)}` : ''}${verdict}`;
}

function othersOf({ p99Ms, calmP99Ms, limitMs, messages, tooSlow }: Spared): string {
  const measured = `the others' deliveries p99 ${p99Ms} ms (calm: ${calmP99Ms} ms)`;
  if (limitMs === null) return `${measured}, too little calm or too few messages to judge`;
  return `${measured}, ${tooSlow} of ${messages} over ${Math.round(limitMs)} ms`;
}
