import type { TableOf } from './day-statement.js';
import { JOURNAL_COLUMNS } from './feed.js';
import { rangeOf } from './partitions.js';

/** A conversation whose outstanding delivery ends on a node that does not tell of it is looked at again. */
const LOOK_AGAIN = `interval '1 minute'`;

const LOCKED = `WITH seen AS MATERIALIZED (
  SELECT receiver_system, conversation, changes FROM conversation WHERE due_at <= now() ORDER BY due_at LIMIT $1
), locked AS MATERIALIZED (
  SELECT c.receiver_system, c.conversation, c.passed, c.gap_until FROM conversation c
  JOIN seen s ON s.receiver_system = c.receiver_system AND s.conversation = c.conversation AND s.changes = c.changes
  WHERE c.due_at <= now() ORDER BY 1, 2 FOR UPDATE OF c SKIP LOCKED
)`;

const HELD = (since: string) => `SELECT d.message_id, d.id, d.epoch, d.sequence, d.numbered FROM delivery d
    WHERE d.message_id >= ${since} AND d.receiver_system = l.receiver_system AND d.conversation = l.conversation
      AND d.ended_at IS NULL AND d.held`;
const NEXT = 'ORDER BY d.sequence, d.id LIMIT 1';

/** $1 how many conversations at most. The messages that are next in those that are due: of which days, `advance` has to know. */
export const next = (since: string): string => `
SELECT h.message_id AS "messageId" FROM (
  SELECT receiver_system, conversation FROM conversation WHERE due_at <= now() ORDER BY due_at LIMIT $1
) l LEFT JOIN LATERAL (
  ${HELD(since)} ${NEXT}
) h ON true`;

const isOf = (day: string | null) => {
  if (day === null) return 'true';
  const { from, to } = rangeOf(day);
  return `(h.id IS NULL OR h.message_id >= '${from}' AND h.message_id < '${to}')`;
};

/**
 * Of the conversations that are due those whose next message is of the day, and those without any. $1 how many conversations at most,
 * $2 how long a gap is waited for (ms), $3 the fault of a delivery that waits for one, as JSON.
 * What is decided of a conversation is decided of what this statement's snapshot shows: where `changes` has grown until
 * its row is locked, somebody else has changed it, and it stays due. A head that somebody is changing is left to them.
 * Deliveries that were sent anew (epoch > 0) need no number before them, and numbers that came and were withdrawn are not missing,
 * while they are younger than the oldest open day. What is held is found by its key alone: what else must hold would lead to an index of all that waits.
 */
export const advance = (tableOf: TableOf, day: string | null, since: string): string => `
${LOCKED}, looked AS MATERIALIZED (
  SELECT l.*, EXISTS (
    SELECT 1 FROM delivery d WHERE d.message_id >= ${since} AND d.receiver_system = l.receiver_system
      AND d.conversation = l.conversation AND d.ended_at IS NULL AND NOT d.held
  ) AS busy FROM locked l
), head AS MATERIALIZED (
  SELECT l.*, h.message_id, h.id, h.epoch, h.sequence, CASE
      WHEN h.id IS NULL THEN 'none'
      WHEN h.epoch > 0 OR NOT h.numbered THEN 'goes'
      WHEN h.sequence <= l.passed THEN 'overtaken'
      WHEN h.sequence = l.passed + 1 OR l.gap_until <= now() THEN 'goes'
      WHEN h.sequence - l.passed - 1 = (SELECT count(DISTINCT w.sequence) FROM delivery w
        WHERE w.message_id >= ${since} AND w.receiver_system = l.receiver_system AND w.conversation = l.conversation
          AND w.held AND w.ended_at IS NOT NULL AND w.sequence > l.passed AND w.sequence < h.sequence) THEN 'goes'
      ELSE 'waits' END AS what
  FROM looked l LEFT JOIN LATERAL (
    ${HELD(since)} AND NOT l.busy ${NEXT}
  ) h ON true
  WHERE ${isOf(day)}
), found AS MATERIALIZED (
  SELECT d.*, h.what, h.epoch AS seen FROM (
    SELECT * FROM head WHERE what IN ('goes', 'waits') ORDER BY message_id, id
  ) h CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.held, d.ended_at, d.epoch FROM ${tableOf('delivery')} d
    WHERE d.message_id = h.message_id AND d.id = h.id FOR UPDATE SKIP LOCKED
  ) d
), held AS MATERIALIZED (
  SELECT message_id, id, what FROM found WHERE held AND ended_at IS NULL AND epoch = seen
), moved AS (
  UPDATE ${tableOf('delivery')} d SET held = h.what = 'waits', queued_at = now(), last_fault = CASE
      WHEN h.what = 'goes' THEN CASE WHEN d.epoch > 0 THEN d.last_fault END
      ELSE $3::jsonb || jsonb_build_object('detail', format('Number %s of the conversation is missing.', c.passed + 1),
        'place', d.receiver_participant) END
  FROM held h, head c WHERE d.message_id = h.message_id AND d.id = h.id AND c.id = h.id
    AND (h.what = 'goes' OR c.gap_until IS NULL)
  RETURNING d.message_id, d.id, d.receiver_participant, d.last_fault, h.what
), noted AS (
  UPDATE conversation c SET
    passed = CASE WHEN h.what = 'goes' THEN greatest(c.passed, h.sequence) ELSE c.passed END,
    gap_until = CASE WHEN h.what = 'waits' THEN coalesce(c.gap_until, now() + $2::float8 * interval '1 millisecond') END,
    due_at = CASE WHEN h.busy OR h.what = 'goes' THEN now() + ${LOOK_AGAIN}
      WHEN h.what = 'waits' THEN coalesce(c.gap_until, now() + $2::float8 * interval '1 millisecond')
      WHEN h.what = 'overtaken' THEN now() + interval '5 seconds' END
  FROM head h WHERE c.receiver_system = h.receiver_system AND c.conversation = h.conversation
    AND (h.what NOT IN ('goes', 'waits') OR EXISTS (SELECT 1 FROM held k WHERE k.id = h.id))
), written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, 'delivery.held', now(), 'gateway', 'QUEUED', 'QUEUED',
    jsonb_build_object('receiver', receiver_participant, 'fault', last_fault) FROM moved WHERE what = 'waits'
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT (SELECT count(*)::int FROM held WHERE what = 'goes') AS went,
  (SELECT json_agg(json_build_object('deliveryId', id, 'messageId', message_id, 'epoch', epoch)) FROM head
    WHERE what = 'overtaken') AS overtaken,
  (SELECT json_agg(written ORDER BY seq) FROM written) AS events`;
