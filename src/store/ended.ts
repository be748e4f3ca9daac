import { DECISION_MS } from '../corrections/ports.js';
import { firstIdAt, inText } from './partitions.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;
const BATCH = 10_000;

/** $1 before when they ended, $2 how many items. */
const ITEMS = `
WITH old AS MATERIALIZED (
  SELECT i.job_id, i.n FROM job j JOIN job_item i ON i.job_id = j.id WHERE j.ended_at < $1 LIMIT $2
), gone AS (
  DELETE FROM job_item i USING old WHERE i.job_id = old.job_id AND i.n = old.n RETURNING i.n
)
SELECT count(*)::int AS gone FROM gone`;

const JOBS = `
WITH gone AS (
  DELETE FROM job j WHERE j.ended_at < $1 AND NOT EXISTS (SELECT 1 FROM job_item i WHERE i.job_id = j.id) RETURNING j.id
)
SELECT count(*)::int AS gone FROM gone`;

/**
 * $1 since when nothing has changed, `before` the first message id that cannot be of them, $2 how many. No delivery of it can be younger than
 * its last change, so that only days which stayed in the ledger are looked through. Who accepts or settles locks deliveries before
 * conversations; here only conversations are locked, those that somebody holds are left, and a row that has changed since is looked at again.
 */
const conversations = (before: string) => `
WITH old AS MATERIALIZED (
  SELECT c.receiver_system, c.conversation FROM conversation c
  WHERE NOT c.numbered AND c.due_at IS NULL AND c.changed_at < $1 AND NOT EXISTS (
    SELECT 1 FROM delivery d WHERE d.message_id < ${before} AND d.receiver_system = c.receiver_system
      AND d.conversation = c.conversation)
  ORDER BY 1, 2 LIMIT $2 FOR UPDATE OF c SKIP LOCKED
), gone AS (
  DELETE FROM conversation c USING old o
  WHERE c.receiver_system = o.receiver_system AND c.conversation = o.conversation RETURNING 1
)
SELECT count(*)::int AS gone FROM gone`;

async function untilNone(sql: Sql, text: string, ...values: readonly unknown[]): Promise<number> {
  for (let total = 0; ;) {
    const [row] = await sql.once<{ gone: number }>(text, [...values, BATCH]);
    total += row?.gone ?? 0;
    if ((row?.gone ?? 0) < BATCH) return total;
  }
}

/** Takes jobs that ended before, with their items; returns how many jobs. */
export async function dropJobs(sql: Sql, before: Date): Promise<number> {
  await untilNone(sql, ITEMS, before);
  const [row] = await sql.query<{ gone: number }>(JOBS, [before]);
  return row?.gone ?? 0;
}

/** Takes sessions that are over, and what operators did before. */
export async function dropLogIns(sql: Sql, before: Date): Promise<void> {
  await sql.query(`DELETE FROM operator_session WHERE expires_at < now()`);
  await sql.query(`DELETE FROM audit WHERE at < $1`, [before]);
}

/** A day is left for clocks that differ: ids have the time of a node, changes that of the database. */
export function dropConversations(sql: Sql, before: Date): Promise<number> {
  const dayStart = Math.floor(before.getTime() / DAY_MS) * DAY_MS;
  return untilNone(sql, conversations(inText(firstIdAt(Math.max(0, dayStart)))), new Date(dayStart - DAY_MS));
}

/** What nobody has decided in time loses its content; what was decided before is taken away. */
export async function dropCorrections(sql: Sql, before: Date): Promise<void> {
  await sql.query(
    `UPDATE correction SET state = 'EXPIRED', content = NULL, sealed = NULL WHERE state = 'PROPOSED' AND created_at <= $1`,
    [new Date(Date.now() - DECISION_MS)],
  );
  await sql.query(`DELETE FROM correction WHERE created_at < $1`, [before]);
}
