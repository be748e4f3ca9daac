import type { Registry } from '../registry/registry.js';
import { attentionTo, type Attention } from './attention.js';
import { countsOf, flowsIn, STALE_MS } from './flows.js';
import { histogramOf, percentiles, type Percentiles } from './latency.js';
import { rangeOf, type Period } from './period.js';
import type { Outcome, QueuePoint, QueueSample, Scope, StatisticsReader, Sum } from './ports.js';
import type { Queues } from './queues.js';
import { grouped, isInSight, samplesInSight } from './standing.js';

/** One step of the traffic: a minute, an hour or a day. */
export interface TrafficPoint extends Percentiles {
  readonly at: Date;
  readonly counts: Readonly<Record<Outcome, number>>;
}

export interface Situation {
  readonly at: Date;
  readonly attention: readonly Attention[];
  readonly totals: Readonly<Record<Outcome, number>>;
  /** Over the whole period. */
  readonly latency: Percentiles;
  readonly grain: 'minute' | 'hour' | 'day';
  readonly traffic: readonly TrafficPoint[];
  /** Of the last hours at most, whatever the period. */
  readonly queues: readonly QueuePoint[];
}

export interface SituationQuery {
  readonly period: Period;
  /** IPA code: only what it sends or receives. */
  readonly entity?: string;
}

interface SituationParts {
  readonly statistics: StatisticsReader;
  readonly queues: Pick<Queues, 'series'>;
  readonly registry: () => Registry;
  readonly certificates: () => readonly { readonly subject: string; readonly until: Date }[];
  readonly now: () => Date;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const QUEUES_MS = 6 * 60 * MINUTE_MS;
const EARLIER_MS = 15 * MINUTE_MS;
const SILENCE_DAYS = 14;

/** What needs attention now, then the traffic. Throws Fault store-unavailable. */
export type Situate = (query: SituationQuery, scope: Scope) => Promise<Situation>;

export function createSituate(parts: SituationParts): Situate {
  return async ({ period, entity }, scope) => {
    const now = parts.now();
    const range = rangeOf(period, now);
    const whole = { ...range, scope, ...(entity !== undefined && { entity }) };
    const [attention, rows] = await Promise.all([
      attend(parts, entity, scope, now),
      parts.statistics.sums({ ...whole, by: ['at', 'outcome', 'bucket'] }),
    ]);
    const from = new Date(now.getTime() - Math.min(QUEUES_MS, now.getTime() - range.from.getTime()));
    const systems = entity === undefined ? null : systemsOf(entity, parts.registry());
    return {
      at: now,
      attention,
      totals: countsOf(rows),
      latency: percentiles(histogramOf(rows)),
      grain: range.grain,
      traffic: trafficOf(rows),
      queues: await parts.queues.series(from, systems, scope),
    };
  };
}

/** Steps in which nothing happened are left out. */
function trafficOf(rows: readonly Sum<'at' | 'outcome' | 'bucket'>[]): readonly TrafficPoint[] {
  return [...grouped(rows, ({ at }) => at.toISOString()).values()]
    .map((ours) => ({ at: ours[0]!.at, counts: countsOf(ours), ...percentiles(histogramOf(ours)) }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

const systemsOf = (entity: string, registry: Registry) =>
  registry.systems().flatMap(({ id, participant }) => (participant === entity ? [id] : []));

async function attend(
  { statistics, registry, certificates }: SituationParts,
  entity: string | undefined,
  scope: Scope,
  now: Date,
): Promise<readonly Attention[]> {
  const current = registry();
  const hour = { grain: 'minute', from: new Date(now.getTime() - 60 * MINUTE_MS), to: now } as const;
  const days = { grain: 'day', from: new Date(now.getTime() - SILENCE_DAYS * DAY_MS), to: now } as const;
  const only = { scope, ...(entity !== undefined && { entity }) };
  const [circuits, queues, earlier, known, refused, active] = await Promise.all([
    statistics.openCircuits(),
    statistics.queues(STALE_MS),
    statistics.queuesSince(new Date(now.getTime() - EARLIER_MS)),
    statistics.knownFlows(scope),
    statistics.sums({ ...hour, ...only, outcomes: ['rejected'], by: ['at', 'sender', 'receiver', 'service', 'fault'] }),
    statistics.sums({ ...days, ...only, outcomes: ['accepted', 'asked'], by: ['flow', 'at'] }),
  ]);
  const spared = new Set(circuits.map(({ system }) => system));
  const flows = flowsIn(current, spared, scope, now).filter(
    ({ sender, receiver }) => entity === undefined || sender === entity || receiver === entity,
  );
  const bodies = entity === undefined ? scope : (scope ?? [entity]).filter((code) => code === entity);
  const insight = (rows: readonly QueueSample[]) => ofEntity(samplesInSight(rows, scope, current), entity, current);
  return attentionTo({
    now,
    registry: current,
    flows,
    circuits,
    samples: insight(queues?.rows ?? []),
    before: insight(earlier),
    refused,
    known,
    activeDays: new Map([...grouped(active, ({ flow }) => flow)].map(([flow, rows]) => [flow, rows.length])),
    scope: bodies,
    certificates: scope === null && entity === undefined ? certificates() : [],
  });
}

function ofEntity(rows: readonly QueueSample[], entity: string | undefined, registry: Registry) {
  if (entity === undefined) return rows;
  const agreements = new Set(registry.agreements().flatMap((one) => (isInSight(one, [entity]) ? [one.id] : [])));
  return rows.filter(
    ({ system, agreement }) => registry.system(system)?.participant === entity || agreements.has(agreement),
  );
}
