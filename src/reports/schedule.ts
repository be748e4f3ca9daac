import type { FileFormat } from './formats.js';
import type { ReportKey, ReportKind } from './reports.js';

export const RHYTHMS = ['day', 'week', 'month'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

/** A report that is sent by mail, again and again. */
export interface ReportSchedule {
  /** UUIDv7. */
  readonly id: string;
  readonly kind: ReportKind;
  readonly by: ReportKey;
  readonly format: FileFormat;
  readonly every: Rhythm;
  /** Mail addresses. */
  readonly to: readonly string[];
  /** Id of the operator whose scope it has, as it is when the report is made. */
  readonly owner: string;
  readonly nextAt: Date;
  readonly sentAt: Date | null;
  /** Why the last try failed; null: it did not. */
  readonly error: string | null;
}

/** Five in UTC: six or seven in the morning of Rome. */
const HOUR = 5;
const DAY_MS = 86_400_000;
const MONDAY = 1;

const BEGINS: Readonly<Record<Rhythm, (day: Date) => boolean>> = {
  day: () => true,
  week: (day) => day.getUTCDay() === MONDAY,
  month: (day) => day.getUTCDate() === 1,
};

/** The first morning after a moment on which a day, a week or a month begins. */
export function nextMorning(every: Rhythm, after: Date): Date {
  let at = Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate(), HOUR);
  while (at <= after.getTime() || !BEGINS[every](new Date(at))) at += DAY_MS;
  return new Date(at);
}

/** First and last day of the last whole day, week or month before a morning, `2026-11-01`. */
export function wholePeriod(every: Rhythm, at: Date): { readonly from: string; readonly to: string } {
  let end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  while (!BEGINS[every](new Date(end))) end -= DAY_MS;
  let begin = end - DAY_MS;
  while (!BEGINS[every](new Date(begin))) begin -= DAY_MS;
  return { from: dayOf(begin), to: dayOf(end - DAY_MS) };
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
