import type { FaultCode } from '../message/fault-catalogue.js';
import type { Registry } from '../registry/registry.js';
import { histogramOf, percentiles } from '../statistics/latency.js';
import { countsOf } from '../statistics/flows.js';
import { OUTCOMES, type Scope, type StatisticsReader, type Sum } from '../statistics/ports.js';
import { grouped } from '../statistics/standing.js';
import type { Table, Value } from './table.js';

export const REPORT_KINDS = ['volumes', 'outcomes', 'latency', 'availability'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export const REPORT_KEYS = ['participant', 'service', 'day', 'month'] as const;
export type ReportKey = (typeof REPORT_KEYS)[number];

export interface ReportQuery {
  readonly kind: ReportKind;
  readonly by: ReportKey;
  /** First and last day, `2026-11-01`, of Rome. */
  readonly from: string;
  readonly to: string;
}

/** Sums of days, of bodies in the scope. Throws Fault store-unavailable. */
export type Report = (query: ReportQuery, scope: Scope) => Promise<Table>;

const DIMENSIONS = ['at', 'sender', 'receiver', 'service', 'version', 'outcome', 'fault', 'bucket'] as const;
type Row = Sum<(typeof DIMENSIONS)[number]>;

const DAY_MS = 86_400_000;
/** Midnight in Rome is at most so long before that of UTC. */
const ROME_MS = 7_200_000;
const ROME_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' });

export function createReport(statistics: StatisticsReader, registry: () => Registry): Report {
  return async ({ kind, by, from, to }, scope) => {
    const first = new Date(Date.parse(from) - ROME_MS);
    const end = new Date(Date.parse(to) + DAY_MS - ROME_MS);
    const needed = DIMENSIONS.filter((name) => isNeeded(name, kind, by));
    const rows = (await statistics.sums({ grain: 'day', from: first, to: end, scope, by: needed })) as readonly Row[];
    const groups = [
      ...grouped(
        rows.flatMap((row) => keyed(row, by, scope)),
        ({ key }) => JSON.stringify(key),
      ).values(),
    ];
    const lines = groups.map((ours) => [
      ...named(ours[0]!.key, by, registry()),
      ...VALUES[kind](ours.map(({ row }) => row)),
    ]);
    const columns = [...KEY_COLUMNS[by], ...COLUMNS[kind]].map((name) => ({ name, title: TITLES[name] ?? name }));
    return { title: `Crocevia: ${kind} by ${by}`, from, to, columns, rows: lines.sort(byText) };
  };
}

function isNeeded(name: (typeof DIMENSIONS)[number], kind: ReportKind, by: ReportKey): boolean {
  if (name === 'outcome') return true;
  if (name === 'bucket') return kind === 'latency';
  if (name === 'fault') return kind === 'availability';
  if (name === 'at') return by === 'day' || by === 'month';
  return name === 'sender' || name === 'receiver' ? by === 'participant' : by === 'service';
}

/** A row counts for both of its bodies; those out of scope have no line. */
function keyed(
  row: Row,
  by: ReportKey,
  scope: Scope,
): readonly { readonly key: readonly Value[]; readonly row: Row }[] {
  if (by === 'service') return [{ key: [row.service, row.version], row }];
  if (by === 'participant')
    return (['sender', 'receiver'] as const)
      .filter((side) => row[side] !== '' && (scope?.includes(row[side]) ?? true))
      .map((side) => ({ key: [row[side], side], row }));
  const day = ROME_DAY.format(row.at);
  return [{ key: [by === 'day' ? day : day.slice(0, 7)], row }];
}

function named(key: readonly Value[], by: ReportKey, registry: Registry): readonly Value[] {
  if (by !== 'participant') return key;
  return [key[0]!, registry.participant(String(key[0]))?.name ?? null, key[1]!];
}

const KEY_COLUMNS: Readonly<Record<ReportKey, readonly string[]>> = {
  participant: ['participant', 'name', 'side'],
  service: ['service', 'version'],
  day: ['day'],
  month: ['month'],
};

const COLUMNS: Readonly<Record<ReportKind, readonly string[]>> = {
  volumes: ['messages', 'questions', 'refused', 'bytes'],
  outcomes: OUTCOMES,
  latency: ['ended', 'p50', 'p95', 'p99'],
  availability: ['tries', 'unavailable', 'availability'],
};

const TITLES: Readonly<Record<string, string>> = {
  p50: 'p50 (ms)',
  p95: 'p95 (ms)',
  p99: 'p99 (ms)',
  availability: 'availability (%)',
};

/** The receiver was away, or answered that it cannot now. */
const AWAY: readonly FaultCode[] = [
  'receiver-unreachable',
  'receiver-timeout',
  'receiver-error',
  'receiver-overloaded',
  'circuit-open',
  'query-timeout',
];

const sumUp = (rows: readonly Row[], isCounted: (row: Row) => boolean = () => true) =>
  rows.filter(isCounted).reduce((sum, { count }) => sum + count, 0);

const VALUES: Readonly<Record<ReportKind, (rows: readonly Row[]) => readonly Value[]>> = {
  volumes: (rows) => {
    const taken = rows.filter(({ outcome }) => outcome === 'accepted' || outcome === 'asked');
    const { accepted, asked, rejected } = countsOf(rows);
    return [accepted, asked, rejected, taken.reduce((sum, { bytes }) => sum + bytes, 0)];
  },
  outcomes: (rows) => {
    const counts = countsOf(rows);
    return OUTCOMES.map((name) => counts[name]);
  },
  latency: (rows) => {
    const timed = rows.filter(({ bucket }) => bucket >= 0);
    const { p50, p95, p99 } = percentiles(histogramOf(timed));
    return [sumUp(timed), p50, p95, p99];
  },
  availability: (rows) => {
    const tries = rows.filter(({ outcome }) => TRIED.some((one) => one === outcome));
    const [all, away] = [sumUp(tries), sumUp(tries, ({ fault }) => AWAY.some((code) => code === fault))];
    return [all, away, all === 0 ? null : Math.round(((all - away) / all) * 100_000) / 1_000];
  },
};

/** Each is a try at the receiver. */
const TRIED = ['delivered', 'retried', 'failed', 'answered', 'unanswered'] as const;

const byText = (a: readonly Value[], b: readonly Value[]) => {
  const [one, other] = [a, b].map((row) => JSON.stringify(row));
  return one! < other! ? -1 : Number(one! > other!);
};
