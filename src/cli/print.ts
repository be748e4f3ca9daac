import type { TimelineEntry } from '../trace/timeline.js';

/** One message's story in lines of text, times relative to its acceptance. */
export function printTimeline(entries: readonly TimelineEntry[]): string {
  return entries.flatMap(printEntry).join('\n');
}

function printEntry(entry: TimelineEntry): readonly string[] {
  const receiver = entry.receiver ? ` ${entry.receiver}` : '';
  const change = entry.from && entry.to ? ` (${entry.from} -> ${entry.to})` : '';
  const lines = [`  ${`+${entry.after} ms`.padStart(10)}  ${entry.event.padEnd(26)}${receiver}${change}`];
  if (entry.stations)
    lines.push(`${' '.repeat(14)}${entry.stations.map(({ station, ms }) => `${station} ${ms} ms`).join(' · ')}`);
  if (entry.attempt)
    lines.push(
      `${' '.repeat(14)}attempt ${entry.attempt.number}: ${entry.attempt.target} -> ${outcomeOf(entry.attempt)} in ${entry.attempt.duration} ms`,
    );
  if (entry.reason) lines.push(`${' '.repeat(14)}by ${entry.by}: ${entry.reason}`);
  if (entry.nextAttemptAt) lines.push(`${' '.repeat(14)}next attempt at ${entry.nextAttemptAt}`);
  if (entry.fault)
    lines.push(
      `${' '.repeat(14)}${entry.fault.code}: ${entry.fault.detail}`,
      ...printViolations(entry.fault.violations),
    );
  return lines;
}

/** A box and a queue answer nothing: what no fault says is done. */
const outcomeOf = ({ status, fault }: NonNullable<TimelineEntry['attempt']>) =>
  status ?? (fault ? 'no answer' : 'put there');

export function printViolations(
  violations: readonly { path: string; line: number | null; column?: number | null; message: string }[],
): readonly string[] {
  const shown = violations
    .slice(0, 5)
    .map(({ path, message, ...place }) => `${' '.repeat(16)}${path}${printPlace(place)}: ${message}`);
  return violations.length > 5 ? [...shown, `${' '.repeat(16)}... and ${violations.length - 5} more`] : shown;
}

const printPlace = ({ line, column }: { line: number | null; column?: number | null }) =>
  (line === null ? '' : `, line ${line}`) + (column ? `, column ${column}` : '');
