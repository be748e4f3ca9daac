import type { Agreement } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { QueueSample, Scope } from './ports.js';

/** How queues stand, added up. */
export interface Standing {
  readonly queued: number;
  readonly delivering: number;
  readonly available: number;
  readonly retrying: number;
  readonly suspended: number;
  readonly dead: number;
  readonly deadSince: Date | null;
  readonly oldestAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

const COUNTS = ['queued', 'delivering', 'available', 'retrying', 'suspended', 'dead'] as const;
const MOMENTS = ['deadSince', 'oldestAt', 'nextAttemptAt'] as const;

export function standingOf(rows: readonly Standing[]): Standing {
  const counts = COUNTS.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]);
  const moments = MOMENTS.map((name) => [name, earliest(rows.map((row) => row[name]))]);
  return Object.fromEntries([...counts, ...moments]) as unknown as Standing;
}

/** Everything that has not ended. */
export const depthOf = ({ queued, delivering, available, retrying, suspended }: Standing): number =>
  queued + delivering + available + retrying + suspended;

const earliest = (moments: readonly (Date | null)[]): Date | null =>
  moments.reduce((first, one) => (first === null || (one !== null && one < first) ? one : first), null);

/** Rows of bodies in the scope: whose system waits, or who has sent by the agreement. */
export function samplesInSight<T extends Pick<QueueSample, 'system' | 'agreement'>>(
  rows: readonly T[],
  scope: Scope,
  registry: Pick<Registry, 'systems' | 'agreements'>,
): readonly T[] {
  if (scope === null) return rows;
  const seen = seenFrom(scope, registry);
  const [systems, agreements] = [new Set(seen.systems), new Set(seen.agreements)];
  return rows.filter(({ system, agreement }) => systems.has(system) || agreements.has(agreement));
}

/** Systems of bodies in the scope, and agreements by which one of them sends (ids). */
export function seenFrom(scope: readonly string[], registry: Pick<Registry, 'systems' | 'agreements'>) {
  const bodies = new Set(scope);
  return {
    systems: registry.systems().flatMap(({ id, participant }) => (bodies.has(participant) ? [id] : [])),
    agreements: registry.agreements().flatMap(({ id, consumer }) => (bodies.has(consumer) ? [id] : [])),
  };
}

export const isInSight = ({ consumer, provider }: Agreement, scope: Scope): boolean =>
  scope === null || scope.includes(consumer) || scope.includes(provider);

/** Values under the key of each. */
export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
