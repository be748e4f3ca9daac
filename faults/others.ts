import type { Got, Sent } from './ledger.js';
import { percentile } from './percentile.js';

/** Part of the run, milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** I10: how long those receivers waited that a fault must spare, against the calm of the same run; milliseconds. */
export interface Spared {
  readonly p99Ms: number;
  /** What nine of ten calm pieces keep. */
  readonly calmP99Ms: number;
  /** Over it is too slow; null: the run has too little calm to tell. */
  readonly limitMs: number | null;
  readonly messages: number;
  readonly tooSlow: number;
  /** False where more were too slow than chance makes of a p99 at the limit. */
  readonly isKept: boolean;
}

const MAY_RISE = 1.2;
/** Less than this cannot be told from the noise of a machine whose two cores the servers, the load and the gateways share. */
const NOISE_MS = 50;
/** A p99 of fewer says nothing; so do fewer pieces about the noise between them. */
const ENOUGH = { messages: 50, pieces: 3 };
const PIECE_MS = 5_000;
/** After a fault, in which nothing is called calm; and after the start of the load, which meets processes that are cold. */
export const SETTLES_MS = 5_000;
const WARMS_UP_MS = 15_000;
/** A limit that is kept is called broken once in so many times. */
const FALSE_ALARM = 0.001;

/** From a message's acceptance to its first arrival, by its time of acceptance: order and a receiver's own failures are left out. */
export interface Way {
  readonly receiver: string;
  readonly at: number;
  readonly ms: number;
}

export function waysOf(sent: readonly Sent[], got: readonly Got[]): readonly Way[] {
  const first = new Map<string, number>();
  for (const { id, at } of got) first.set(id, Math.min(at, first.get(id) ?? Infinity));
  const accepted = sent.filter(
    ({ intent, isOrdered, status }) => intent === 'message' && !isOrdered && (status === 202 || status === 200),
  );
  return accepted.map(({ id, receiver, at }) => ({ receiver, at, ms: (first.get(id) ?? Infinity) - at }));
}

/** Judges the time of one fault; `faults` are all of the run, `harmed` the receivers that it may slow down. */
export function spared(ways: readonly Way[], fault: Span, faults: readonly Span[], harmed: readonly string[]): Spared {
  const others = ways.filter(({ receiver }) => !harmed.includes(receiver));
  const during = timesIn(others, { from: settledBy(others, fault, faults), until: fault.until });
  const calm = calmPieces(others, faults)
    // What never arrives is of I1, and no measure of calm.
    .map((piece) => timesIn(others, piece).filter(Number.isFinite))
    .filter(({ length }) => length >= ENOUGH.messages)
    .map((times) => percentile(times, 99));
  const calmP99Ms = percentile(calm, 90);
  const limitMs = Math.max(calmP99Ms * MAY_RISE, calmP99Ms + NOISE_MS);
  const tooSlow = during.filter((ms) => ms > limitMs).length;
  const canTell = calm.length >= ENOUGH.pieces && during.length >= ENOUGH.messages;
  return {
    p99Ms: percentile(during, 99),
    calmP99Ms,
    limitMs: canTell ? limitMs : null,
    messages: during.length,
    tooSlow,
    isKept: !canTell || atLeast(tooSlow, during.length, 0.01) >= FALSE_ALARM,
  };
}

/** From when a fault is judged: once what the faults before it have left is over, and all that was accepted until their end has arrived. */
function settledBy(ways: readonly Way[], { from }: Span, faults: readonly Span[]): number {
  const before = faults
    .filter((other) => other.from < from)
    .reduce((last, { until }) => Math.max(last, until), -Infinity);
  const left = ways.filter(({ at, ms }) => at < before && Number.isFinite(ms));
  return left.reduce((last, { at, ms }) => Math.max(last, at + ms), Math.max(from, before + SETTLES_MS));
}

const timesIn = (ways: readonly Way[], { from, until }: Span) =>
  ways.filter(({ at }) => at >= from && at < until).map(({ ms }) => ms);

/** Pieces of one length that lie outside all faults and what comes after them. */
function calmPieces(ways: readonly Way[], faults: readonly Span[]): readonly Span[] {
  const begin = ways.reduce((least, { at }) => Math.min(least, at), Infinity);
  const end = ways.reduce((most, { at }) => Math.max(most, at), 0);
  const pieces: Span[] = [];
  for (let from = begin + WARMS_UP_MS; from + PIECE_MS <= end;) {
    const until = from + PIECE_MS;
    const met = faults.find((fault) => fault.from < until && fault.until + SETTLES_MS > from);
    if (!met) pieces.push({ from, until });
    from = met ? met.until + SETTLES_MS : until;
  }
  return pieces;
}

/** The chance of `hits` or more in `of` independent trials (binomial). */
export function atLeast(hits: number, of: number, chance: number): number {
  let one = (1 - chance) ** of;
  let fewer = 0;
  for (let n = 0; n < hits; n++) {
    fewer += one;
    one *= ((of - n) / (n + 1)) * (chance / (1 - chance));
  }
  return 1 - fewer;
}
