import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { http } from './client.js';
import type { RunningGateway } from './gateway.js';

/** What something cost the gateway and those who asked it meanwhile. */
export interface Cost {
  /** Growth of the resident memory, MiB: the highest seen less what it was before. */
  readonly rssMb: number;
  /** Processor time, ms. */
  readonly cpuMs: number;
  /** The slowest of the others' requests, ms. */
  readonly slowestMs: number;
}

export interface CaseCost extends Cost {
  readonly id: string;
  readonly ms: number;
}

/** Resident memory of a process, MiB, as the kernel counts it. */
export const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Processor time of a process and its threads so far, ms; the kernel counts it in hundredths of a second. */
function cpuOf(pid: number): number {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const PAUSE_MS = 20;
/** Connections that the work does not use. */
const other = new Agent({ connections: 2 });

async function isServed(url: string): Promise<void> {
  expect((await http(`${url}/status`, { dispatcher: other })).status).toBe(200);
}

/** Does the work while somebody else asks for /status again and again, or does what is told; each time must succeed. */
export async function watched<T>(
  { url, pid }: Pick<RunningGateway, 'url' | 'pid'>,
  work: () => Promise<T>,
  probe: () => Promise<void> = () => isServed(url),
): Promise<{ readonly result: T; readonly cost: Cost }> {
  const [before, cpuBefore] = [rssOf(pid), cpuOf(pid)];
  let [peak, slowestMs, isOver] = [before, 0, false];
  const others = (async () => {
    do {
      const start = performance.now();
      await probe();
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - start));
      peak = Math.max(peak, rssOf(pid));
      await pause(PAUSE_MS);
    } while (!isOver);
  })();
  const result = await work().finally(() => (isOver = true));
  const cpuMs = cpuOf(pid) - cpuBefore;
  await others;
  return { result, cost: { rssMb: Math.round(peak - before), cpuMs, slowestMs } };
}

/** Two cores that others use too, and the first big document starts a thread: a bound is for a warm machine of one's own. */
const SHARED = 2;
/** The heap of a process that works grows and shrinks by so much by itself, MiB. */
const BREATH_MB = 40;
/** Of a machine on which others build and test; alone it is some ten milliseconds. */
const OTHERS_MS = 3_000;

interface Bounds {
  readonly maxMs?: number;
  readonly maxRssDeltaMb?: number;
}

/** Holds what a case cost against the bounds of its row in the index: where the machine is busy with others, processor time for time. */
export function expectWithin({ maxMs = Infinity, maxRssDeltaMb = Infinity }: Bounds, cost: Omit<CaseCost, 'id'>): void {
  expect(Math.min(cost.ms, cost.cpuMs)).toBeLessThanOrEqual(maxMs * SHARED);
  expect(cost.rssMb).toBeLessThanOrEqual(maxRssDeltaMb + BREATH_MB);
  expect(cost.slowestMs).toBeLessThanOrEqual(OTHERS_MS);
}

/** The three of each kind that cost most, in words. */
export const dearest = (costs: readonly CaseCost[]): string =>
  (['ms', 'cpuMs', 'rssMb', 'slowestMs'] as const)
    .map((kind) => {
      const most = [...costs].sort((a, b) => b[kind] - a[kind]).slice(0, 3);
      return `${kind} ${most.map((one) => `${one.id} ${one[kind]}`).join(', ')}`;
    })
    .join('; ');
