import { reachOf } from '../delivery/jobs/filter.js';
import type { Job, JobItem, JobLedger, JobTurn, ItemResult, NewJob, Place, Scope } from '../delivery/jobs/ports.js';
import { isUuid } from '../new-id.js';
import { fence, matching, searchValues } from './delivery-search.js';
import { JOB_COLUMNS } from './job-rows.js';
import { Listing } from './listing.js';
import { NIL } from './partitions.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

/** $1 is an entry of the history. */
const noted = (entry: string) => `history || jsonb_build_array(${entry}::jsonb || jsonb_build_object('at', now()))`;

const OPEN = `
INSERT INTO job (id, action, filter, reason, operator, scope, rate, again, system, state, total, done, skipped, failed,
  created_at, history)
VALUES ($2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, 'COLLECTING', 0, 0, 0, 0, now(),
  jsonb_build_array($1::jsonb || jsonb_build_object('at', now())))`;

/** Nothing where the job is no longer COLLECTING. */
const collect = (reach: Parameters<typeof matching>[0]) => `
WITH found AS ${fence(reach)} (
  SELECT d.message_id, d.id, d.state, d.epoch ${matching(reach)} AND (d.message_id, d.id) > ($16::uuid, $17::uuid)
), batch AS (
  SELECT * FROM found ORDER BY message_id, id LIMIT $18
), going AS (
  SELECT id FROM job WHERE id = $19 AND state = 'COLLECTING' FOR UPDATE
), stored AS (
  INSERT INTO job_item (job_id, n, message_id, delivery_id, seen, epoch)
  SELECT going.id, $20::int - 1 + row_number() OVER (ORDER BY b.message_id, b.id), b.message_id, b.id, b.state, b.epoch
  FROM batch b CROSS JOIN going
  RETURNING n, message_id, delivery_id, seen
), counted AS (
  UPDATE job SET total = total + (SELECT count(*) FROM stored) WHERE id = $19 AND state = 'COLLECTING'
)
SELECT (SELECT count(*)::int FROM stored) AS count,
  (SELECT count(*)::int FROM stored WHERE seen = 'DELIVERED') AS delivered,
  (SELECT json_build_object('messageId', message_id, 'deliveryId', delivery_id) FROM stored ORDER BY n DESC LIMIT 1) AS last`;

const BEGIN = `
UPDATE job SET state = CASE WHEN total = 0 THEN 'DONE' ELSE $2 END, ended_at = CASE WHEN total = 0 THEN now() END
WHERE id = $1 AND state = 'COLLECTING' RETURNING ${JOB_COLUMNS}`;

const DISCARD = `
WITH gone AS (DELETE FROM job WHERE id = $1 AND state = 'COLLECTING' RETURNING id)
DELETE FROM job_item USING gone WHERE job_id = gone.id`;

/** A job without a scope of its own concerns everybody. */
const IN_SCOPE = `($1::text[] IS NULL OR scope <@ $1)`;

const FIND = `SELECT ${JOB_COLUMNS} FROM job WHERE ${IN_SCOPE} AND id = $2`;

const LIST = `SELECT ${JOB_COLUMNS} FROM job WHERE ${IN_SCOPE} AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;

const TURN = `
UPDATE job SET state = coalesce($4, state), rate = coalesce($5, rate), history = ${noted('$6')},
  ended_at = CASE WHEN $4 IN ('CANCELLED', 'REJECTED') THEN now() END
WHERE ${IN_SCOPE} AND id = $2 AND state = ANY ($3::text[])
  AND ($7::float8 IS NULL OR operator <> $8 AND created_at > now() - $7 * interval '1 millisecond') RETURNING ${JOB_COLUMNS}`;

const ITEMS = `
SELECT n, message_id AS "messageId", delivery_id AS "deliveryId", seen, result, found, fault, at
FROM job_item WHERE job_id = $1 AND n > $2 AND ($3::text IS NULL OR result = $3) ORDER BY n LIMIT $4`;

/** Jobs as operators handle them. */
export class StoredJobs implements JobLedger {
  private readonly listing: Listing;

  constructor(private readonly sql: Sql) {
    this.listing = new Listing(sql);
  }

  async open({ id, action, filter, reason, operator, scope, rate, again, system }: NewJob): Promise<void> {
    const created = plainJson({ act: 'created', by: operator, reason, rate });
    const values = [created, id, action, plainJson(filter), reason, operator, scope, rate, again, system];
    await this.sql.query(OPEN, values);
  }

  async collect(
    { id, filter, scope }: Pick<NewJob, 'id' | 'filter' | 'scope'>,
    { after, first, limit }: { readonly after: Place | null; readonly first: number; readonly limit: number },
  ): Promise<{ readonly count: number; readonly delivered: number; readonly last: Place | null }> {
    const place = [after?.messageId ?? NIL, after?.deliveryId ?? NIL];
    const values = [...searchValues(filter, scope), ...place, limit, id, first];
    const [row] = await this.sql.once<{ count: number; delivered: number; last: Place | null }>(
      collect(reachOf(filter)),
      values,
    );
    return row!;
  }

  begin(id: string, to: 'RUNNING' | 'PROPOSED'): Promise<Job | null> {
    return this.one(BEGIN, [id, to]);
  }

  async discard(id: string): Promise<void> {
    await this.sql.query(DISCARD, [id]);
  }

  async find(id: string, scope: Scope): Promise<Job | null> {
    return isUuid(id) ? this.one(FIND, [scope, id]) : null;
  }

  list(scope: Scope, { limit, before }: { readonly limit: number; readonly before?: string }): Promise<Job[]> {
    return this.sql.query<Job>(LIST, [scope, before ?? null, limit]);
  }

  async items(
    id: string,
    { limit, after, result }: { readonly limit: number; readonly after: number; readonly result?: ItemResult },
  ): Promise<JobItem[]> {
    const items = await this.sql.query<Omit<JobItem, 'state' | 'receiver'>>(ITEMS, [id, after, result ?? null, limit]);
    const keys = items.map(({ messageId, deliveryId }) => ({ messageId, id: deliveryId }));
    const listed = await this.listing.of(keys);
    return items.map((item) => {
      const delivery = listed.get(item.deliveryId);
      return { ...item, state: delivery?.state ?? null, receiver: delivery?.receiver.participant ?? null };
    });
  }

  async turn(id: string, scope: Scope, { from, to, act, byAnotherWithinMs }: JobTurn): Promise<Job | null> {
    if (!isUuid(id)) return null;
    const turned = [scope, id, from, to ?? null, act.rate ?? null, plainJson(act)];
    return this.one(TURN, [...turned, byAnotherWithinMs ?? null, act.by]);
  }

  private async one(text: string, values: readonly unknown[]): Promise<Job | null> {
    return (await this.sql.query<Job>(text, values))[0] ?? null;
  }
}
