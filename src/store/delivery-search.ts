import { reachOf, type Search } from '../delivery/jobs/filter.js';
import type { DeadLetters, DeliverySearch, FoundDelivery, Place, Scope } from '../delivery/jobs/ports.js';
import type { DeliveryState } from '../message/delivery.js';
import { firstIdAt, LAST_ID } from './partitions.js';
import type { Sql } from './sql.js';

/** What each reach is bound to, written out so that the planner finds the partial index of it. */
const BOUNDS = {
  named: `(d.id = ANY ($15::uuid[]) OR d.message_id = ANY ($15::uuid[]))`,
  dead: `d.state IN ('FAILED', 'EXPIRED', 'CANCELLED') AND $15::uuid[] IS NULL`,
  open: `d.ended_at IS NULL AND $15::uuid[] IS NULL`,
  window: `$15::uuid[] IS NULL`,
} as const;

type Reach = keyof typeof BOUNDS;

/**
 * Deliveries `d` of messages `m` that a search finds; {@link searchValues} gives $1 to $15. Few texts, so that few
 * statements are prepared: what is not asked for is null.
 */
export const matching = (reach: Reach): string => `
  FROM delivery d JOIN message m ON m.id = d.message_id
  WHERE ${BOUNDS[reach]} AND d.state = ANY ($1::text[]) AND d.message_id BETWEEN $2::uuid AND $3::uuid
    AND m.id BETWEEN $2::uuid AND $3::uuid
    AND (d.kind = 'message' OR d.id = ANY ($15::uuid[]))
    AND ($4::text[] IS NULL OR d.receiver_participant = ANY ($4) OR m.sender_participant = ANY ($4))
    AND ($5::text IS NULL OR d.receiver_participant = $5 OR d.receiver_system = $5)
    AND ($6::text IS NULL OR m.sender_participant = $6 OR m.sender_system = $6)
    AND ($7::text IS NULL OR m.service = $7) AND ($8::text IS NULL OR m.operation = $8)
    AND ($9::text IS NULL OR d.agreement = $9) AND ($10::text IS NULL OR d.last_fault ->> 'code' = $10)
    AND ($11::timestamptz IS NULL OR m.accepted_at >= $11) AND ($12::timestamptz IS NULL OR m.accepted_at < $12)
    AND ($13::timestamptz IS NULL OR d.ended_at >= $13) AND ($14::timestamptz IS NULL OR d.ended_at < $14)`;

/** Ids are made when a message comes, a little before or after `accepted_at`: they choose the partitions. */
const SLACK_MS = 3_600_000;

export function searchValues(search: Search, scope: Scope): readonly unknown[] {
  const { states, receiver, sender, service, operation, agreement, fault, ids } = search;
  const { acceptedAfter, acceptedBefore, endedAfter, endedBefore } = search;
  const from = acceptedAfter === undefined ? 0 : Math.max(0, Date.parse(acceptedAfter) - SLACK_MS);
  const to = acceptedBefore === undefined ? LAST_ID : firstIdAt(Math.max(0, Date.parse(acceptedBefore) + SLACK_MS));
  const texts = [receiver, sender, service, operation, agreement, fault];
  const times = [acceptedAfter, acceptedBefore, endedAfter, endedBefore];
  return [states, firstIdAt(from), to, scope, ...[...texts, ...times, ids].map((value) => value ?? null)];
}

/** The dead lie in an index of their own in the order of ids; of the rest a planner that seeks that order would read everything. */
export const fence = (reach: Reach): string => (reach === 'dead' ? 'NOT MATERIALIZED' : 'MATERIALIZED');

const FOUND = `d.id AS "deliveryId", d.message_id AS "messageId", m.sender_participant AS sender,
  d.receiver_participant AS receiver, d.receiver_system AS system, m.service, m.operation, d.agreement, d.state, d.attempts,
  m.accepted_at AS "acceptedAt", d.ended_at AS "endedAt", d.last_fault ->> 'code' AS fault`;

/** Pages of a window need no fence: they end after a few rows. */
const list = (reach: Reach) => `
WITH found AS ${reach === 'window' ? 'NOT MATERIALIZED' : fence(reach)} (
  SELECT ${FOUND} ${matching(reach)} AND (d.message_id, d.id) < ($16::uuid, $17::uuid)
)
SELECT * FROM found ORDER BY "messageId" DESC, "deliveryId" DESC LIMIT $18`;

const count = (reach: Reach) => `
SELECT state, count(*)::int AS count FROM (SELECT d.state ${matching(reach)} LIMIT $16) found GROUP BY state`;

/** The planner has the choice of going by id or by end: within a few days the latter. */
const DEAD_LETTERS = `
WITH dead AS (
  SELECT d.message_id, d.last_fault ->> 'code' AS fault, d.receiver_participant, d.receiver_system, m.service, d.ended_at,
    d.tried_before > 0 AS retried
  ${matching('dead')} ORDER BY d.ended_at DESC LIMIT $16
)
SELECT fault, receiver_participant AS receiver, receiver_system AS system, service, count(*)::int AS count,
  (count(*) FILTER (WHERE retried))::int AS retried, min(ended_at) AS oldest, max(ended_at) AS newest,
  (array_agg(message_id ORDER BY ended_at DESC))[1] AS example
FROM dead GROUP BY 1, 2, 3, 4 ORDER BY count DESC, newest DESC, system, fault`;

/** Deliveries by what they have in common. */
export class LedgerDeliverySearch implements DeliverySearch {
  constructor(private readonly sql: Sql) {}

  list(
    search: Search,
    scope: Scope,
    { limit, before }: { readonly limit: number; readonly before?: Place },
  ): Promise<FoundDelivery[]> {
    const place = [before?.messageId ?? LAST_ID, before?.deliveryId ?? LAST_ID];
    return this.sql.once<FoundDelivery>(list(reachOf(search)), [...searchValues(search, scope), ...place, limit]);
  }

  async count(search: Search, scope: Scope, bound: number): Promise<Partial<Record<DeliveryState, number>>> {
    const values = [...searchValues(search, scope), bound];
    const rows = await this.sql.once<{ state: DeliveryState; count: number }>(count(reachOf(search)), values);
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  async deadLetters(
    search: Search,
    scope: Scope,
    bound: number,
  ): Promise<{ readonly groups: readonly DeadLetters[]; readonly counted: number }> {
    const groups = await this.sql.once<DeadLetters>(DEAD_LETTERS, [...searchValues(search, scope), bound]);
    return { groups, counted: groups.reduce((sum, { count }) => sum + count, 0) };
  }
}
