import type { Registry } from '../registry/registry.js';
import { countsOf, IN } from './flows.js';
import { rangeOf, type Period } from './period.js';
import type { Outcome, Scope, StatisticsReader, Sum } from './ports.js';
import { grouped } from './standing.js';

/** What one body sent or asked another by a service, whatever its version. */
export interface MapFlow {
  readonly sender: string;
  readonly receiver: string;
  readonly service: string;
  /** Messages and questions of the period. */
  readonly count: number;
  /** Refused, failed, expired or not answered. */
  readonly errors: number;
  /** Messages and questions a minute, over the last five. */
  readonly inPerMinute: number;
}

export interface FlowMap {
  /** The busiest first. */
  readonly flows: readonly MapFlow[];
  /** Flows with traffic that are not among them. */
  readonly left: number;
  /** Of every body in it. */
  readonly names: Readonly<Record<string, string>>;
}

export interface FlowMapQuery {
  readonly period: Period;
  /** IPA code of either side. */
  readonly entity?: string;
}

interface FlowMapParts {
  readonly statistics: Pick<StatisticsReader, 'sums'>;
  readonly registry: () => Registry;
  readonly now: () => Date;
}

/** More than this nobody can tell apart in a picture. */
export const MOST_FLOWS = 60;
const RECENT_MS = 300_000;
const RECENT_MINUTES = 5;
const BY = ['sender', 'receiver', 'service', 'outcome'] as const;
const ERRORS: readonly Outcome[] = ['rejected', 'failed', 'expired', 'unanswered'];

type Row = Sum<(typeof BY)[number]>;

const keyOf = ({ sender, receiver, service }: Pick<Row, 'sender' | 'receiver' | 'service'>) =>
  `${sender} ${receiver} ${service}`;
const isKnown = ({ sender, receiver, service }: Row) => sender !== '' && receiver !== '' && service !== '';

/** Who exchanges what with whom, in sight. Throws Fault store-unavailable. */
export type MapFlows = (query: FlowMapQuery, scope: Scope) => Promise<FlowMap>;

export function createMapFlows({ statistics, registry, now }: FlowMapParts): MapFlows {
  return async ({ period, entity }, scope) => {
    const at = now();
    const whole = { scope, by: BY, ...(entity !== undefined && { entity }) };
    const recent = { grain: 'minute', from: new Date(at.getTime() - RECENT_MS), to: at, outcomes: IN } as const;
    const [rows, last] = await Promise.all([
      statistics.sums({ ...whole, ...rangeOf(period, at) }),
      statistics.sums({ ...whole, ...recent }),
    ]);
    const lastOf = grouped(last, keyOf);
    const all = [...grouped(rows.filter(isKnown), keyOf)]
      .map(([key, ours]) => flowOf(ours, lastOf.get(key) ?? []))
      .sort((a, b) => b.count - a.count || (keyOf(a) < keyOf(b) ? -1 : 1));
    const flows = all.slice(0, MOST_FLOWS);
    return { flows, left: all.length - flows.length, names: namesOf(flows, registry()) };
  };
}

function flowOf(rows: readonly Row[], last: readonly Row[]): MapFlow {
  const { sender, receiver, service } = rows[0]!;
  const counts = countsOf(rows);
  const sum = (outcomes: readonly Outcome[]) => outcomes.reduce((all, one) => all + counts[one], 0);
  const recent = last.reduce((all, { count }) => all + count, 0);
  return {
    ...{ sender, receiver, service },
    count: sum(IN) + counts.rejected,
    errors: sum(ERRORS),
    inPerMinute: recent / RECENT_MINUTES,
  };
}

function namesOf(flows: readonly MapFlow[], registry: Registry): Readonly<Record<string, string>> {
  const codes = new Set(flows.flatMap(({ sender, receiver }) => [sender, receiver]));
  return Object.fromEntries([...codes].map((code) => [code, registry.participant(code)?.name ?? code]));
}
