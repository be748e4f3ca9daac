import type { Fault } from './fault.js';
import type { Evidence, Sent } from './ledger.js';
import { spared, waysOf, type Spared, type Span } from './others.js';
import { percentile } from './percentile.js';
import type { Happened } from './scenario.js';

/** How acceptance and delivery went on around one fault; milliseconds. */
export interface Recovery {
  readonly fault: string;
  readonly heldMs: number;
  /** The longest time without an acceptance, and without a delivery. */
  readonly acceptGapMs: number;
  readonly deliverGapMs: number;
  /** From a message's first request to its acceptance, what was asked again in between included. */
  readonly acceptP99Ms: number;
  /** Of the receivers that it must spare; null where it does not say which these are. */
  readonly spared: Spared | null;
  /** The limits that were not kept, in words. */
  readonly over: readonly string[];
}

const AFTER_MS = 15_000;

/** Looks from the begin of each fault to 15 s after its end, or to the begin of the next one. */
export function recoveries(
  { sent, got }: Pick<Evidence, 'sent' | 'got'>,
  happened: readonly Happened[],
  faults: ReadonlyMap<string, Fault>,
): readonly Recovery[] {
  const accepted = sent.filter(isAccepted).map(({ at, ms }) => at + ms);
  const arrived = got.filter(({ taken }) => taken).map(({ at }) => at);
  const last = sent.reduce((latest, { at, ms }) => Math.max(latest, at + ms), 0);
  const waits = waitsOf(sent);
  const ways = waysOf(sent, got);
  const spans = happened.map(({ began, ended }) => ({ from: began, until: ended }));
  return happened.map(({ fault, began, ended }, n) => {
    const { harms, limits } = faults.get(fault)!;
    const around = { from: began, until: Math.min(ended + AFTER_MS, happened[n + 1]?.began ?? last, last) };
    const seen = {
      heldMs: ended - began,
      acceptGapMs: longestGap(accepted, around),
      deliverGapMs: longestGap(arrived, around),
      acceptP99Ms: percentile(
        waits.filter(({ at }) => isIn(at, around)).map(({ ms }) => ms),
        99,
      ),
      spared: harms ? spared(ways, spans[n]!, spans, harms) : null,
    };
    return { fault, ...seen, over: overOf(seen, limits) };
  });
}

function overOf(seen: Omit<Recovery, 'fault' | 'over'>, limits: Fault['limits']): readonly string[] {
  const more = limits.stops ? seen.heldMs : 0;
  return [
    ...(seen.acceptGapMs > limits.accept + more ? ['gap of acceptance'] : []),
    ...(seen.deliverGapMs > limits.deliver + more ? ['gap of delivery'] : []),
    ...(seen.acceptP99Ms >= (limits.acceptP99 ?? Infinity) ? ['I10: p99 of acceptance'] : []),
    ...(seen.spared?.isKept === false ? ['I10: p99 of the receivers that it must spare'] : []),
  ];
}

const isAccepted = ({ status }: Sent) => status === 202 || status === 200;
const isIn = (at: number, { from, until }: Span) => at >= from && at <= until;

/** For each message when it was first asked for, and how long until it was accepted, or given up. */
function waitsOf(sent: readonly Sent[]): readonly { readonly at: number; readonly ms: number }[] {
  const waits = new Map<string, { at: number; ms: number; isOver: boolean }>();
  for (const row of sent.filter(({ intent }) => intent === 'message').toSorted((a, b) => a.at - b.at)) {
    const { at, isOver } = waits.get(row.id) ?? { at: row.at, isOver: false };
    if (!isOver) waits.set(row.id, { at, ms: row.at + row.ms - at, isOver: isAccepted(row) });
  }
  return [...waits.values()];
}

function longestGap(times: readonly number[], around: Span): number {
  const within = times.filter((at) => isIn(at, around));
  const sorted = [around.from, ...within, around.until].toSorted((a, b) => a - b);
  return sorted.reduce((longest, time, n) => Math.max(longest, n === 0 ? 0 : time - sorted[n - 1]!), 0);
}
