import { CLAIM_CHECK_BYTES } from '../acceptance/ports.js';
import { DELIVERY_COLUMNS, MESSAGE_JSON } from './rows.js';
import { few } from './sql.js';

const WAITS = `d.state = 'QUEUED' AND d.published_at IS NULL AND NOT d.held`;
const FREE = `(d.lease_until IS NULL OR d.lease_until <= now())`;

/** How long after a probe another one may follow, where nobody has told what became of it. */
const PROBE = `interval '30 seconds'`;

/**
 * $1 how many at most, $2 the window of a system that is not named, $3 age of a new one (ms), $4 reservation (ms), then of named systems
 * $5 id, $6 window, $7 unmarked, $8 how many at most (null: as the window says), $9 whether new ones need no age.
 *
 * Systems, and within each its pairs of urgency and sender, are found by skipping along the index, so that a long queue
 * costs the others nothing. In a system the more urgent go first, and of equal urgency one of each sender in turn; over
 * the systems one of each in turn. Of a system whose circuit is open none is taken, and one when its time is over.
 */
export const TAKE = `
WITH RECURSIVE waiting (system) AS (
  SELECT min(receiver_system) FROM delivery d WHERE ${WAITS}
  UNION ALL
  SELECT (SELECT min(receiver_system) FROM delivery d WHERE ${WAITS} AND receiver_system > waiting.system)
  FROM waiting WHERE system IS NOT NULL
), counted AS MATERIALIZED (
  SELECT w.system, coalesce(k.size, $2) AS size, coalesce(k.unmarked, 0) AS unmarked, k.most, coalesce(k.eager, false) AS eager,
    c.until, (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.receiver_system = w.system AND d.state = 'QUEUED'
      AND d.published_at IS NOT NULL LIMIT coalesce(k.size, $2)) published) AS marked
  FROM waiting w
  LEFT JOIN unnest($5::text[], $6::int[], $7::int[], $8::int[], $9::boolean[]) AS k(system, size, unmarked, most, eager)
    ON k.system = w.system
  LEFT JOIN circuit c ON c.system = w.system WHERE w.system IS NOT NULL
), open AS MATERIALIZED (
  SELECT system, eager, marked, until IS NOT NULL AS probe, CASE WHEN until > now() THEN 0 WHEN until IS NOT NULL THEN 1
    ELSE least(greatest(size - marked - unmarked, 0), most)::int END AS room FROM counted
), sender AS MATERIALIZED (
  SELECT o.system, o.room, o.eager, s.urgency, s.sender FROM open o CROSS JOIN LATERAL (
    WITH RECURSIVE s (urgency, sender) AS (
      (SELECT d.urgency, d.sender_system FROM delivery d WHERE ${WAITS} AND d.receiver_system = o.system
        ORDER BY d.urgency, d.sender_system LIMIT 1)
      UNION ALL
      SELECT n.urgency, n.sender_system FROM s CROSS JOIN LATERAL (
        SELECT d.urgency, d.sender_system FROM delivery d WHERE ${WAITS} AND d.receiver_system = o.system
          AND (d.urgency, d.sender_system) > (s.urgency, s.sender) ORDER BY d.urgency, d.sender_system LIMIT 1
      ) n
    ) SELECT * FROM s
  ) s WHERE o.room > 0
), queued AS MATERIALIZED (
  SELECT s.system, s.room, q.message_id, q.id, q.queued_at,
    row_number() OVER (PARTITION BY s.system ORDER BY s.urgency, q.turn, random()) AS place
  FROM sender s CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.queued_at, row_number() OVER (ORDER BY d.queued_at) AS turn FROM delivery d
    WHERE ${WAITS} AND d.receiver_system = s.system AND d.urgency = s.urgency AND d.sender_system = s.sender
      AND (s.eager OR d.epoch > 0 OR d.kind = 'receipt' OR d.conversation IS NOT NULL
        OR d.queued_at <= now() - $3::float8 * interval '1 millisecond') AND ${FREE}
    ORDER BY d.queued_at LIMIT least(s.room, $1)
  ) q
), chosen AS MATERIALIZED (
  ${few('SELECT * FROM queued WHERE place <= room ORDER BY place, queued_at LIMIT $1')}
), locked AS MATERIALIZED (
  SELECT d.message_id, d.id, c.place FROM delivery d JOIN chosen c ON d.message_id = c.message_id AND d.id = c.id
  WHERE ${WAITS} AND ${FREE} FOR UPDATE OF d SKIP LOCKED
), taken AS (
  UPDATE delivery d SET lease_until = now() + $4::float8 * interval '1 millisecond' FROM locked l
  WHERE d.message_id = l.message_id AND d.id = l.id RETURNING d.*, l.place
), probed AS (
  UPDATE circuit c SET until = now() + ${PROBE} WHERE c.system IN (SELECT receiver_system FROM taken)
), items AS (
  SELECT ${DELIVERY_COLUMNS}, d.queued_at, d.place, o.probe, ${MESSAGE_JSON} AS message,
    CASE WHEN d.kind = 'message' AND m.size <= ${CLAIM_CHECK_BYTES} AND p.sealed IS NULL THEN p.content END AS content
  FROM taken d JOIN open o ON o.system = d.receiver_system JOIN message m ON m.id = d.message_id
  LEFT JOIN payload p ON p.message_id = d.message_id
)
SELECT items.*, marked, rooms, circuits FROM (
  SELECT coalesce(json_object_agg(system, marked), '{}') AS marked,
    coalesce(json_object_agg(system, room), '{}') AS rooms,
    (SELECT coalesce(json_agg(system), '[]') FROM circuit) AS circuits FROM open
) told LEFT JOIN items ON true
ORDER BY items.place, items.queued_at, items.id`;
