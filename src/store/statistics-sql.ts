import { TEST_HEADER } from '../message/test-message.js';
import { BOUNDS } from '../statistics/latency.js';
import { COUNTED } from '../statistics/ports.js';
import type { TableOf } from './day-statement.js';

const quoted = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(', ');
const OUTCOME = Object.entries(COUNTED)
  .map(([event, outcome]) => `WHEN '${event}' THEN '${outcome}'`)
  .join(' ');
const TIMED = ['delivery.delivered', 'query.answered'];
/** Of an event with a delivery that one; of an acceptance all; of the others none. */
const OF_DELIVERY = `d.id = e.delivery_id OR e.delivery_id IS NULL AND e.event = 'message.accepted'`;

/** How many rows of the journal are counted in one transaction. */
export const AT_ONCE = 5_000;

/** Ids between which the messages of the journal's rows after $1 up to $2 lie: they choose the partitions. */
export const RANGE = `SELECT min(message_id::text) AS "from", max(message_id::text) AS "to" FROM journal
  WHERE seq > $1 AND seq <= $2 AND event IN (${quoted(Object.keys(COUNTED))})`;

/**
 * Counts the journal's rows after $1 up to $2, of messages between these ids. The cursor moves in the same transaction, and only from
 * where it was thought to be: a row is counted once, whoever dies or counts beside. `OFFSET 0` keeps each message a look-up by its key. Bodies and
 * services that the registry does not know are counted as unknown, so that nobody can make rows without end; what operators have sent as a test is
 * not counted.
 */
export const rollUp = (from: string, to: string): string => `
WITH held AS MATERIALIZED (
  SELECT seq FROM statistic_cursor WHERE name = 'journal' AND seq = $1 FOR UPDATE
), e AS MATERIALIZED (
  SELECT j.message_id, j.delivery_id, j.event, j.at, j.detail FROM journal j
  WHERE j.seq > $1 AND j.seq <= $2 AND j.message_id BETWEEN ${from} AND ${to} AND j.event IN (${quoted(Object.keys(COUNTED))})
    AND EXISTS (SELECT FROM held)
), told AS MATERIALIZED (
  SELECT m.sender, coalesce(d.participant, m.receiver, '') AS receiver, coalesce(d.system, '') AS system, m.service, m.version,
    e.at, CASE e.event ${OUTCOME} END AS outcome, coalesce(e.detail -> 'fault' ->> 'code', m.fault, '') AS fault,
    CASE WHEN e.event IN (${quoted(TIMED)}) THEN width_bucket(greatest(0, extract(epoch FROM e.at - m.accepted_at) * 1000)::float8,
      ARRAY[${BOUNDS.join(', ')}]::float8[]) ELSE -1 END AS bucket,
    CASE WHEN e.event = 'query.answered' THEN coalesce((e.detail ->> 'size')::bigint, 0) ELSE m.size END AS bytes
  FROM e CROSS JOIN LATERAL (
    SELECT m.sender_participant AS sender, m.receiver, coalesce(m.service, '') AS service, coalesce(m.version, 0) AS version, m.size,
      m.accepted_at, CASE WHEN m.state = 'REJECTED' THEN m.fault ->> 'code' END AS fault
    FROM message m WHERE m.id = e.message_id AND m.id BETWEEN ${from} AND ${to} AND m.headers ->> '${TEST_HEADER}' IS NULL OFFSET 0
  ) m LEFT JOIN LATERAL (
    SELECT d.receiver_participant AS participant, d.receiver_system AS system FROM delivery d
    WHERE d.message_id = e.message_id AND d.message_id BETWEEN ${from} AND ${to} AND d.kind = 'message' AND (${OF_DELIVERY}) OFFSET 0
  ) d ON true
  WHERE e.delivery_id IS NULL OR d.system IS NOT NULL
), known AS MATERIALIZED (
  SELECT sender, receiver, system, service, version, EXISTS (
      SELECT FROM registry_document r WHERE r.kind = 'participant' AND r.id = k.receiver AND r.document IS NOT NULL) AS body, EXISTS (
      SELECT FROM registry_document r WHERE r.kind = 'service' AND r.id = k.service AND r.version = k.version
        AND r.document IS NOT NULL) AS interface
  FROM (SELECT DISTINCT sender, receiver, system, service, version FROM told) k
), summed AS MATERIALIZED (
  SELECT t.sender, CASE WHEN k.body OR t.outcome <> 'rejected' THEN t.receiver ELSE '' END AS receiver, t.system,
    CASE WHEN k.interface OR t.outcome <> 'rejected' THEN t.service ELSE '' END AS service,
    CASE WHEN k.interface OR t.outcome <> 'rejected' THEN t.version ELSE 0 END AS version,
    g.grain, date_trunc(g.grain, t.at, CASE g.grain WHEN 'day' THEN 'Europe/Rome' ELSE 'UTC' END) AS at, t.outcome, t.fault, t.bucket,
    count(*) AS count, sum(t.bytes) AS bytes, max(t.at) AS last_at
  FROM told t JOIN known k USING (sender, receiver, system, service, version)
    CROSS JOIN (VALUES ('minute'), ('hour'), ('day')) g(grain)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
), flow AS (
  INSERT INTO statistic_flow AS f (sender, receiver, system, service, version, last_at)
  SELECT sender, receiver, system, service, version, max(last_at) FROM summed GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (sender, receiver, system, service, version) DO UPDATE SET last_at = greatest(f.last_at, excluded.last_at)
  RETURNING id, sender, receiver, system, service, version
), counted AS (
  INSERT INTO statistic AS s (grain, at, flow, outcome, fault, bucket, count, bytes)
  SELECT grain, at, f.id, outcome, fault, bucket, count, bytes
  FROM summed JOIN flow f USING (sender, receiver, system, service, version)
  ON CONFLICT (grain, at, flow, outcome, fault, bucket) DO UPDATE SET count = s.count + excluded.count, bytes = s.bytes + excluded.bytes
)
UPDATE statistic_cursor c SET seq = $2 FROM held WHERE c.name = 'journal' AND c.seq = held.seq`;

/** Where the journal stands. A value that was drawn belongs to a transaction that holds a lock on the journal until it ends. */
export const HEAD = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS seq FROM journal_seq_seq`;
export const WRITERS = `SELECT DISTINCT virtualtransaction AS writer FROM pg_locks
  WHERE locktype = 'relation' AND relation = 'journal'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** Id of a message -> when it was made. */
const madeAt = (id: string) =>
  `to_timestamp(('x' || substr(replace(${id}, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)`;

const MOST_DEAD = 100_000;

/** The dead of a week, of one day's messages. */
export const deadOf = (tableOf: TableOf): string => `
SELECT system, agreement, count(*)::int AS dead, min(ended_at) AS dead_since FROM (
  SELECT receiver_system AS system, coalesce(agreement, '') AS agreement, ended_at FROM ${tableOf('delivery')}
  WHERE state IN ('FAILED', 'EXPIRED', 'CANCELLED') AND ended_at > now() - interval '7 days' AND state <> 'CANCELLED' AND kind = 'message'
  LIMIT ${MOST_DEAD}) few
GROUP BY 1, 2`;

/** $1 the dead (JSON). Looks at all that has not ended. What was counted in this minute before and is gone is told by \`sampled_at\`. */
export const sample = (since: string): string => `
WITH waiting AS (
  SELECT receiver_system AS system, coalesce(agreement, '') AS agreement,
    count(*) FILTER (WHERE state = 'QUEUED') AS queued, count(*) FILTER (WHERE state = 'DELIVERING') AS delivering,
    count(*) FILTER (WHERE state = 'AVAILABLE') AS available, count(*) FILTER (WHERE state = 'WAITING_RETRY') AS retrying,
    count(*) FILTER (WHERE state = 'SUSPENDED') AS suspended, ${madeAt('min(message_id::text)')} AS oldest_at,
    min(next_attempt_at) FILTER (WHERE state = 'WAITING_RETRY') AS next_attempt_at
  FROM delivery WHERE message_id >= ${since} AND ended_at IS NULL GROUP BY 1, 2
), dead AS (
  SELECT system, agreement, sum(dead) AS dead, min(dead_since) AS dead_since
  FROM json_to_recordset($1::json) AS d(system text, agreement text, dead int, dead_since timestamptz) GROUP BY 1, 2
), seen AS (
  SELECT system, agreement, coalesce(queued, 0) AS queued, coalesce(delivering, 0) AS delivering, coalesce(available, 0) AS available,
    coalesce(retrying, 0) AS retrying, coalesce(suspended, 0) AS suspended, coalesce(d.dead, 0) AS dead, dead_since, oldest_at, next_attempt_at
  FROM waiting FULL JOIN dead d USING (system, agreement)
  UNION ALL SELECT '', '', 0, 0, 0, 0, 0, 0, NULL, NULL, NULL
)
INSERT INTO queue_sample (at, system, agreement, sampled_at, queued, delivering, available, retrying, suspended, dead, dead_since, oldest_at,
  next_attempt_at)
SELECT date_trunc('minute', now()), system, agreement, now(), queued, delivering, available, retrying, suspended, dead, dead_since,
  oldest_at, next_attempt_at FROM seen
ON CONFLICT (at, system, agreement) DO UPDATE SET sampled_at = excluded.sampled_at, queued = excluded.queued,
  delivering = excluded.delivering, available = excluded.available, retrying = excluded.retrying, suspended = excluded.suspended,
  dead = excluded.dead, dead_since = excluded.dead_since, oldest_at = excluded.oldest_at, next_attempt_at = excluded.next_attempt_at`;
