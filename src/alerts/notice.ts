import type { News, Notice } from './ports.js';
import { RULE_KINDS } from './rules.js';

/** Lines of one notice; what is over it is counted. */
const MOST_LINES = 50;

const number = (value: number) => String(Math.round(value * 10) / 10);

function lineOf({ incident, what }: News): string {
  const { kind, subject, value, threshold, severity, openedAt } = incident;
  const { unit } = RULE_KINDS[kind];
  if (what === 'resolved') return `RESOLVED ${kind} of ${subject}, open since ${openedAt.toISOString()}`;
  return `${severity.toUpperCase()} ${kind} of ${subject}: ${number(value)} ${unit}, threshold ${threshold} ${unit}`;
}

/** All that is new in one message, the worst first. */
export function noticeOf(news: readonly News[], publicUrl: string): Notice {
  const opened = news.filter(({ what }) => what === 'open');
  const sorted = [...opened.toSorted(bySeverity), ...news.filter(({ what }) => what === 'resolved')];
  const lines = sorted.slice(0, MOST_LINES).map(lineOf);
  const more = sorted.length > MOST_LINES ? [`and ${sorted.length - MOST_LINES} more`] : [];
  const [first = ''] = lines;
  const subject = sorted.length === 1 ? first : `${opened.length} opened, ${news.length - opened.length} resolved`;
  const text = [...lines, ...more, '', `${publicUrl}/admin/alerts`].join('\n');
  return { subject: `[Crocevia] ${subject}`, text, news: sorted };
}

const bySeverity = (a: News, b: News) =>
  Number(b.incident.severity === 'critical') - Number(a.incident.severity === 'critical');
