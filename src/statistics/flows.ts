import type { Agreement, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { histogramOf, percentiles, type Percentiles } from './latency.js';
import { rangeOf, type Period } from './period.js';
import type { KnownFlow, Outcome, QueueSample, Scope, StatisticsReader, Sum } from './ports.js';
import { depthOf, grouped, isInSight, samplesInSight, standingOf } from './standing.js';

export const FLOW_STATES = [
  'active',
  'paused',
  'circuit-open',
  'draining',
  'suspended',
  'requested',
  'out-of-term',
] as const;
export type FlowState = (typeof FLOW_STATES)[number];

export const FLOW_PROTOCOLS = ['push-soap', 'push-rest', 'box', 'amqp-queue', 'soap11', 'soap12', 'rest'] as const;
type FlowProtocol = (typeof FLOW_PROTOCOLS)[number];

/** What one body may send or ask another by one version of a service. */
export interface Flow {
  /** Id of the agreement. */
  readonly id: string;
  readonly sender: string;
  readonly receiver: string;
  readonly service: string;
  readonly version: number;
  /** Null: nobody provides it any more. */
  readonly system: string | null;
  /** How the system gets what is sent, and is asked. */
  readonly protocols: readonly FlowProtocol[];
  readonly state: FlowState;
  /** Paused: nothing new is taken, whatever the state. */
  readonly intake: 'open' | 'paused';
}

export interface FlowRow extends Flow, Pick<Percentiles, 'p50' | 'p95' | 'p99'> {
  /** Messages and questions a minute over the last five. */
  readonly inPerMinute: number;
  /** Of the period. */
  readonly counts: Readonly<Record<Outcome, number>>;
  /** As it stood when the queues were last looked at. */
  readonly waiting: number;
  readonly retrying: number;
  readonly dead: number;
  readonly oldestAt: Date | null;
  readonly lastAt: Date | null;
  /** Messages and questions in each of the last 30 minutes, the oldest first. */
  readonly sparkline: readonly number[];
}

export interface FlowQuery {
  readonly period: Period;
  /** Part of the id, a body's code or name, the service or the system. */
  readonly text?: string;
  /** IPA code of either side. */
  readonly entity?: string;
  readonly state?: FlowState;
  readonly protocol?: FlowProtocol;
  /** Id of the last one seen. */
  readonly after?: string;
  readonly limit: number;
}

export interface FlowPage {
  readonly items: readonly FlowRow[];
  readonly next: string | null;
  /** How many match. */
  readonly total: number;
  /** When the queues were last looked at; null: not for a while. */
  readonly queuesAt: Date | null;
}

interface FlowParts {
  readonly statistics: StatisticsReader;
  readonly registry: () => Registry;
  readonly now: () => Date;
}

/** Samples that are older tell nothing of now. */
export const STALE_MS = 600_000;
const MINUTE_MS = 60_000;
const SPARK_MINUTES = 30;
const RATE_MINUTES = 5;
export const IN: readonly Outcome[] = ['accepted', 'asked'];

/** Flows as operators see them. Throws Fault store-unavailable. */
export type ListFlows = (query: FlowQuery, scope: Scope) => Promise<FlowPage>;

export function createListFlows({ statistics, registry, now }: FlowParts): ListFlows {
  return async (query, scope) => {
    const current = registry();
    const spared = new Set((await statistics.openCircuits()).map(({ system }) => system));
    const wanted = flowsIn(current, spared, scope, now()).filter((flow) => isWanted(flow, query, current));
    const rest = wanted.filter(({ id }) => query.after === undefined || id > query.after);
    const page = rest.slice(0, query.limit);
    const [known, queues] = await Promise.all([statistics.knownFlows(scope), statistics.queues(STALE_MS)]);
    const numbers = await numbersOf(page, known, query.period, { statistics, now: now() });
    const samples = grouped(samplesInSight(queues?.rows ?? [], scope, current), ({ agreement }) => agreement);
    const items = page.map((flow) => ({ ...flow, ...numbers(flow), ...standing(samples.get(flow.id), flow, current) }));
    const next = rest.length > page.length ? (page.at(-1)?.id ?? null) : null;
    return { items, next, total: wanted.length, queuesAt: queues?.sampledAt ?? null };
  };
}

/** Flows in sight that were not ended for good, in the order of their ids. */
export function flowsIn(registry: Registry, spared: ReadonlySet<string>, scope: Scope, now: Date): readonly Flow[] {
  return registry
    .agreements()
    .filter((agreement) => agreement.status !== 'revoked' && isInSight(agreement, scope))
    .map((agreement) => flowOf(agreement, registry, spared, now))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function flowOf(agreement: Agreement, registry: Registry, spared: ReadonlySet<string>, now: Date): Flow {
  const { id, consumer, provider, service, version } = agreement;
  const system = registry.provider(provider, service, version);
  return {
    id,
    sender: consumer,
    receiver: provider,
    service,
    version,
    system: system?.id ?? null,
    protocols: system ? protocolsOf(system, agreement) : [],
    state: stateOf(agreement, system, spared, now),
    intake: agreement.takesNothing ? 'paused' : 'open',
  };
}

function stateOf(
  { status, takesNothing, validFrom, validUntil }: Agreement,
  system: System | undefined,
  spared: ReadonlySet<string>,
  now: Date,
): FlowState {
  if (status === 'requested' || status === 'suspended') return status;
  if ((validFrom && validFrom > now) || (validUntil && validUntil <= now)) return 'out-of-term';
  if (system?.paused) return 'paused';
  if (system && spared.has(system.id)) return 'circuit-open';
  return takesNothing ? 'draining' : 'active';
}

function protocolsOf({ receives, provides }: System, { service, version }: Agreement): readonly FlowProtocol[] {
  const provided = provides.find((one) => one.service === service && one.version === version);
  return [...(receives ? [receives.channel] : []), ...(provided?.endpoint ? [provided.endpoint.protocol] : [])];
}

function isWanted(flow: Flow, { text, entity, state, protocol }: FlowQuery, registry: Registry): boolean {
  const names = () => [flow.sender, flow.receiver].map((code) => registry.participant(code)?.name ?? '');
  const has = (part: string) =>
    [flow.id, flow.service, flow.sender, flow.receiver, flow.system ?? '', ...names()].some((one) =>
      one.toLowerCase().includes(part),
    );
  return (
    (entity === undefined || flow.sender === entity || flow.receiver === entity) &&
    (state === undefined || flow.state === state) &&
    (protocol === undefined || flow.protocols.includes(protocol)) &&
    (text === undefined || has(text.toLowerCase()))
  );
}

const keyOf = ({
  sender,
  receiver,
  service,
  version,
}: Pick<KnownFlow, 'sender' | 'receiver' | 'service' | 'version'>) => `${sender} ${receiver} ${service} ${version}`;
const PARTIES = ['sender', 'receiver', 'service', 'version'] as const;

/** Everything that is counted of a page of flows, in two questions. */
async function numbersOf(
  page: readonly Flow[],
  known: readonly KnownFlow[],
  period: Period,
  { statistics, now }: { readonly statistics: StatisticsReader; readonly now: Date },
) {
  const keys = new Set(page.map(keyOf));
  const ours = grouped(
    known.filter((one) => keys.has(keyOf(one))),
    keyOf,
  );
  const flows = [...ours.values()].flat().map(({ id }) => id);
  const first = Math.floor(now.getTime() / MINUTE_MS) - SPARK_MINUTES + 1;
  const recent = { grain: 'minute', from: new Date(first * MINUTE_MS), to: now, scope: null, flows } as const;
  const whole = { ...rangeOf(period, now), scope: null, flows };
  const [sums, minutes] = await Promise.all([
    statistics.sums({ ...whole, by: [...PARTIES, 'outcome', 'bucket'] }),
    statistics.sums({ ...recent, outcomes: IN, by: [...PARTIES, 'at'] }),
  ]);
  const [sumsOf, minutesOf] = [grouped(sums, keyOf), grouped(minutes, keyOf)];
  return (flow: Flow) => {
    const key = keyOf(flow);
    const sparkline = sparkOf(minutesOf.get(key) ?? [], first);
    return {
      inPerMinute: sumUp(sparkline.slice(-RATE_MINUTES)) / RATE_MINUTES,
      counts: countsOf(sumsOf.get(key) ?? []),
      ...percentiles(histogramOf(sumsOf.get(key) ?? [])),
      lastAt: latest(ours.get(key) ?? []),
      sparkline,
    };
  };
}

/** By outcome, with nothing left out. */
export function countsOf(rows: readonly Pick<Sum<'outcome'>, 'outcome' | 'count'>[]): Record<Outcome, number> {
  const counts = { ...NOTHING };
  for (const { outcome, count } of rows) counts[outcome] += count;
  return counts;
}

const NOTHING: Readonly<Record<Outcome, number>> = {
  accepted: 0,
  rejected: 0,
  retried: 0,
  delivered: 0,
  failed: 0,
  expired: 0,
  cancelled: 0,
  asked: 0,
  answered: 0,
  unanswered: 0,
};

function sparkOf(rows: readonly Pick<Sum<'at'>, 'at' | 'count'>[], first: number): number[] {
  const line = Array<number>(SPARK_MINUTES).fill(0);
  for (const { at, count } of rows) {
    const place = at.getTime() / MINUTE_MS - first;
    if (place in line) line[place]! += count;
  }
  return line;
}

const sumUp = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0);
const latest = (known: readonly KnownFlow[]): Date | null =>
  known.reduce<Date | null>((last, { lastAt }) => (last === null || lastAt > last ? lastAt : last), null);

/** What an agreement's answers wait for lies at systems of the sender, and is not of the flow. */
function standing(samples: readonly QueueSample[] = [], { sender, receiver }: Flow, registry: Registry) {
  const there = samples.filter(({ system }) => sender === receiver || registry.system(system)?.participant !== sender);
  const all = standingOf(there);
  return { waiting: depthOf(all) - all.retrying, retrying: all.retrying, dead: all.dead, oldestAt: all.oldestAt };
}
