import type { Fault } from './fault.js';
import type { Evidence } from './ledger.js';
import type { Happened } from './scenario.js';

/** How acceptance and delivery went on around one fault; milliseconds. */
export interface Recovery {
  readonly fault: string;
  readonly heldMs: number;
  /** The longest time without an acceptance, and without a delivery. */
  readonly acceptGapMs: number;
  readonly deliverGapMs: number;
  readonly acceptP99Ms: number;
  readonly isWithin: boolean;
}

const AFTER_MS = 15_000;

/** Looks from the begin of each fault to 15 s after its end, or to the begin of the next one. */
export function recoveries(
  { sent, got }: Pick<Evidence, 'sent' | 'got'>,
  happened: readonly Happened[],
  faults: ReadonlyMap<string, Fault>,
): readonly Recovery[] {
  const accepted = sent.filter(({ status }) => status === 202 || status === 200);
  const last = Math.max(...sent.map(({ at, ms }) => at + ms), 0);
  return happened.map(({ fault, began, ended }, n) => {
    const until = Math.min(ended + AFTER_MS, happened[n + 1]?.began ?? last, last);
    const within = (at: number) => at >= began && at <= until;
    const answers = accepted.map(({ at, ms }) => at + ms).filter(within);
    const arrivals = got
      .filter(({ taken }) => taken)
      .map(({ at }) => at)
      .filter(within);
    const heldMs = ended - began;
    const acceptGapMs = longestGap([began, ...answers, until]);
    const deliverGapMs = longestGap([began, ...arrivals, until]);
    const limits = faults.get(fault)!.limits;
    const more = limits.stops ? heldMs : 0;
    const isWithin = acceptGapMs <= limits.accept + more && deliverGapMs <= limits.deliver + more;
    const acceptP99Ms = percentile(
      accepted.filter(({ at }) => within(at)).map(({ ms }) => ms),
      99,
    );
    return { fault, heldMs, acceptGapMs, deliverGapMs, acceptP99Ms, isWithin };
  });
}

function longestGap(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted.reduce((longest, time, n) => Math.max(longest, n === 0 ? 0 : time - sorted[n - 1]!), 0);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
}
