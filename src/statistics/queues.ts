import type { System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { STALE_MS } from './flows.js';
import type { CircuitView, QueuePoint, QueueSample, Scope, StatisticsReader } from './ports.js';
import { depthOf, grouped, samplesInSight, seenFrom, standingOf, type Standing } from './standing.js';

export const QUEUE_STATES = ['open', 'paused', 'circuit-open', 'gone'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

/** What waits for one system, of bodies in sight. */
export interface QueueRow extends Standing {
  readonly system: string;
  /** IPA code; null: the system is no longer in the registry. */
  readonly participant: string | null;
  readonly state: QueueState;
  /** When a spared system is tried again. */
  readonly circuitUntil: Date | null;
  readonly channel: string | null;
  /** Deliveries under way at once, and a second on each node; null: it only fetches, or there is no limit. */
  readonly lanes: number | null;
  readonly perSecond: number | null;
  readonly depth: number;
  /** A minute, over the last five. */
  readonly inPerMinute: number;
  readonly outPerMinute: number;
}

export interface QueueQuery {
  readonly text?: string;
  /** IPA code of the body whose system it is. */
  readonly entity?: string;
  readonly state?: QueueState;
  readonly after?: string;
  readonly limit: number;
}

export interface QueuePage {
  readonly items: readonly QueueRow[];
  readonly next: string | null;
  readonly total: number;
  readonly queuesAt: Date | null;
}

/** Queues as operators see them. Throws Fault store-unavailable. */
export interface Queues {
  list(query: QueueQuery, scope: Scope): Promise<QueuePage>;
  /** One point a minute since then, of all systems or of one. */
  series(from: Date, systems: readonly string[] | null, scope: Scope): Promise<readonly QueuePoint[]>;
}

interface QueueParts {
  readonly statistics: StatisticsReader;
  readonly registry: () => Registry;
  readonly now: () => Date;
}

const RATE_MS = 300_000;
const MINUTE_MS = 60_000;

export function createQueues({ statistics, registry, now }: QueueParts): Queues {
  return {
    list: async (query, scope) => {
      const current = registry();
      const [queues, circuits] = await Promise.all([statistics.queues(STALE_MS), statistics.openCircuits()]);
      const seen = grouped(samplesInSight(queues?.rows ?? [], scope, current), ({ system }) => system);
      const own = current.systems().filter((one) => receives(one) && (scope?.includes(one.participant) ?? true));
      const names = [...new Set([...own.map(({ id }) => id), ...seen.keys()])].sort();
      const rows = names.map((name) => rowOf(name, seen.get(name) ?? [], current.system(name), circuits));
      const wanted = rows.filter((row) => isWanted(row, query, current));
      const rest = wanted.filter(({ system }) => query.after === undefined || system > query.after);
      const page = rest.slice(0, query.limit);
      const rates = await ratesOf(statistics, scope, now());
      return {
        items: page.map((row) => ({ ...row, ...rates(row.system) })),
        next: rest.length > page.length ? (page.at(-1)?.system ?? null) : null,
        total: wanted.length,
        queuesAt: queues?.sampledAt ?? null,
      };
    },
    series: (from, systems, scope) =>
      statistics.queueSeries(from, { of: scope && seenFrom(scope, registry()), only: systems }),
  };
}

const receives = (system: System) => system.receives !== null || system.receiptsTo !== null;

function rowOf(
  name: string,
  samples: readonly QueueSample[],
  system: System | undefined,
  circuits: readonly CircuitView[],
): Omit<QueueRow, 'inPerMinute' | 'outPerMinute'> {
  const standing = standingOf(samples);
  const circuit = circuits.find((one) => one.system === name);
  return {
    system: name,
    participant: system?.participant ?? null,
    state: stateOf(system, circuit),
    circuitUntil: circuit?.until ?? null,
    ...paceOf(system?.receives ?? null),
    ...standing,
    depth: depthOf(standing),
  };
}

function stateOf(system: System | undefined, circuit: CircuitView | undefined): QueueState {
  if (!system) return 'gone';
  if (system.paused) return 'paused';
  return circuit ? 'circuit-open' : 'open';
}

const paceOf = (receives: System['receives']) => ({
  channel: receives?.channel ?? null,
  lanes: receives?.concurrency ?? null,
  perSecond: receives?.rate ?? null,
});

function isWanted(
  { system, participant, state }: Pick<QueueRow, 'system' | 'participant' | 'state'>,
  { text, entity, state: asked }: QueueQuery,
  registry: Registry,
): boolean {
  const name = participant === null ? '' : (registry.participant(participant)?.name ?? '');
  const has = (part: string) => [system, participant ?? '', name].some((one) => one.toLowerCase().includes(part));
  return (
    (entity === undefined || participant === entity) &&
    (asked === undefined || state === asked) &&
    (text === undefined || has(text.toLowerCase()))
  );
}

async function ratesOf(statistics: StatisticsReader, scope: Scope, now: Date) {
  const from = new Date(Math.floor((now.getTime() - RATE_MS) / MINUTE_MS) * MINUTE_MS);
  const by = ['system', 'outcome'] as const;
  const outcomes = ['accepted', 'delivered'] as const;
  const rows = await statistics.sums({ grain: 'minute', from, to: now, scope, by, outcomes });
  const minutes = (now.getTime() - from.getTime()) / MINUTE_MS;
  const rate = (system: string, outcome: string) => {
    const found = rows.find((row) => row.system === system && row.outcome === outcome);
    return Math.round(((found?.count ?? 0) / minutes) * 10) / 10;
  };
  return (system: string) => ({ inPerMinute: rate(system, 'accepted'), outPerMinute: rate(system, 'delivered') });
}
