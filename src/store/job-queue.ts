import type { DueItem, ItemOutcome, Job, JobQueue, Place } from '../delivery/jobs/ports.js';
import type { DeliveryState } from '../message/delivery.js';
import { byDay, DayStatement, keysOf, type TableOf } from './day-statement.js';
import { JOB_COLUMNS } from './job-rows.js';
import { Listing } from './listing.js';
import type { Sql } from './sql.js';

const RUNNING = `SELECT ${JOB_COLUMNS} FROM job WHERE state = 'RUNNING'
  ORDER BY id LIMIT $1`;

const NEXT = `SELECT n, seen, epoch AS "seenEpoch", message_id AS "messageId", delivery_id AS id
  FROM job_item WHERE job_id = $1 AND result IS NULL ORDER BY n LIMIT $2`;

/** $1 messages, $2 their deliveries, of one day, $3 the job. */
const changed = (tableOf: TableOf) => `
SELECT DISTINCT j.delivery_id AS id FROM ${tableOf('journal')} j
JOIN unnest($1::uuid[], $2::uuid[]) AS i(message_id, id) ON j.message_id = i.message_id AND j.delivery_id = i.id
WHERE j.detail ->> 'job' = $3`;

/** $2 the outcomes (JSON). Counted are those that had no result. */
const RECORD = `
WITH input AS (
  SELECT * FROM json_to_recordset($2::json) AS i(n int, result text, found text, fault text)
), ticked AS (
  UPDATE job_item t SET result = i.result, found = i.found, fault = i.fault, at = now()
  FROM input i WHERE t.job_id = $1 AND t.n = i.n AND t.result IS NULL RETURNING t.result
), counted AS (
  SELECT (count(*) FILTER (WHERE result = 'done'))::int AS done, (count(*) FILTER (WHERE result = 'skipped'))::int AS skipped,
    (count(*) FILTER (WHERE result = 'failed'))::int AS failed, count(*)::int AS ticked FROM ticked
)
UPDATE job j SET done = j.done + c.done, skipped = j.skipped + c.skipped, failed = j.failed + c.failed,
  state = CASE WHEN j.state IN ('RUNNING', 'PAUSED') AND j.done + j.skipped + j.failed + c.ticked >= j.total THEN 'DONE'
    ELSE j.state END,
  ended_at = CASE WHEN j.state IN ('RUNNING', 'PAUSED') AND j.done + j.skipped + j.failed + c.ticked >= j.total THEN now()
    ELSE j.ended_at END
FROM counted c WHERE j.id = $1`;

/** $2 in which state, $3 as what it is noted, $4 why. */
const ABANDON = `
UPDATE job SET state = 'CANCELLED', ended_at = now(), history = history || jsonb_build_array(jsonb_build_object(
  'act', $3::text, 'by', 'gateway', 'reason', $4::text, 'at', now()))
WHERE state = $2 AND created_at < now() - $1::float8 * interval '1 millisecond'`;

interface DueRow {
  readonly n: number;
  readonly seen: DeliveryState;
  readonly seenEpoch: number;
  readonly messageId: string;
  readonly id: string;
}

/** Jobs as the node that runs them sees them. */
export class StoredJobQueue implements JobQueue {
  private readonly listing: Listing;
  private readonly changed: DayStatement;

  constructor(private readonly sql: Sql) {
    this.listing = new Listing(sql);
    this.changed = new DayStatement(sql, changed);
  }

  running(limit: number): Promise<Job[]> {
    return this.sql.query<Job>(RUNNING, [limit]);
  }

  async next(id: string, limit: number): Promise<DueItem[]> {
    const rows = await this.sql.query<DueRow>(NEXT, [id, limit]);
    const listed = await this.listing.of(rows);
    return rows.map(({ n, seen, seenEpoch, id }) => ({
      n,
      seen: { state: seen, epoch: seenEpoch },
      subject: listed.get(id) ?? null,
    }));
  }

  async changedBy(id: string, places: readonly Place[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const keys = places.map(({ messageId, deliveryId }) => ({ messageId, id: deliveryId }));
    for (const [day, ofDay] of byDay(keys))
      for (const row of await this.changed.query<{ id: string }>(day, [...keysOf(ofDay), id])) found.add(row.id);
    return found;
  }

  async record(id: string, outcomes: readonly ItemOutcome[]): Promise<void> {
    await this.sql.query(RECORD, [id, JSON.stringify(outcomes)]);
  }

  async abandon(olderThanMs: number): Promise<void> {
    const why = 'its node ended before it could begin';
    await this.sql.query(ABANDON, [olderThanMs, 'COLLECTING', 'cancelled', why]);
  }

  async expire(olderThanMs: number): Promise<void> {
    await this.sql.query(ABANDON, [olderThanMs, 'PROPOSED', 'expired', 'nobody has approved it in time']);
  }
}
