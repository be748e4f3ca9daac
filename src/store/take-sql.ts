import { CLAIM_CHECK_BYTES } from '../acceptance/ports.js';
import { lockedByKey, type TableOf } from './day-statement.js';
import { DELIVERY_COLUMNS, MESSAGE_JSON } from './rows.js';
import { few } from './sql.js';

const UNTAKEN = `d.state = 'QUEUED' AND d.published_at IS NULL AND NOT d.held`;
const FREE = `(d.lease_until IS NULL OR d.lease_until <= now())`;

/** How long after a probe another one may follow, where nobody has told what became of it. */
const PROBE = `interval '30 seconds'`;

/**
 * Chooses what goes next; {@link reserve} takes it. $1 how many at most, $2 the window of a system that is not named, then of named
 * systems $3 id, $4 window, $5 unmarked, $6 how many at most (null: as the window says); `since`: the message from which on there are
 * open deliveries.
 *
 * Systems, and within each its pairs of urgency and sender, are found by skipping along the index, so that a long queue
 * costs the others nothing. In a system the more urgent go first, and of equal urgency one of each sender in turn; over
 * the systems one of each in turn. Of a system whose circuit is open none is taken, and one when its time is over.
 */
export const choose = (since: string): string => `
WITH RECURSIVE waiting (system) AS (
  SELECT min(receiver_system) FROM delivery d WHERE d.message_id >= ${since} AND ${UNTAKEN}
  UNION ALL
  SELECT (SELECT min(receiver_system) FROM delivery d WHERE d.message_id >= ${since} AND ${UNTAKEN} AND receiver_system > waiting.system)
  FROM waiting WHERE system IS NOT NULL
), counted AS MATERIALIZED (
  SELECT w.system, coalesce(k.size, $2) AS size, coalesce(k.unmarked, 0) AS unmarked, k.most,
    c.until, (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.message_id >= ${since} AND d.receiver_system = w.system AND d.state = 'QUEUED'
      AND d.published_at IS NOT NULL LIMIT coalesce(k.size, $2)) published) AS marked
  FROM waiting w
  LEFT JOIN unnest($3::text[], $4::int[], $5::int[], $6::int[]) AS k(system, size, unmarked, most)
    ON k.system = w.system
  LEFT JOIN circuit c ON c.system = w.system WHERE w.system IS NOT NULL
), open AS MATERIALIZED (
  SELECT system, marked, until IS NOT NULL AS probe, CASE WHEN until > now() THEN 0 WHEN until IS NOT NULL THEN 1
    ELSE least(greatest(size - marked - unmarked, 0), most)::int END AS room FROM counted
), sender AS MATERIALIZED (
  SELECT o.system, o.room, s.urgency, s.sender FROM open o CROSS JOIN LATERAL (
    WITH RECURSIVE s (urgency, sender) AS (
      (SELECT d.urgency, d.sender_system FROM delivery d WHERE d.message_id >= ${since} AND ${UNTAKEN} AND d.receiver_system = o.system
        ORDER BY d.urgency, d.sender_system LIMIT 1)
      UNION ALL
      SELECT n.urgency, n.sender_system FROM s CROSS JOIN LATERAL (
        SELECT d.urgency, d.sender_system FROM delivery d WHERE d.message_id >= ${since} AND ${UNTAKEN} AND d.receiver_system = o.system
          AND (d.urgency, d.sender_system) > (s.urgency, s.sender) ORDER BY d.urgency, d.sender_system LIMIT 1
      ) n
    ) SELECT * FROM s
  ) s WHERE o.room > 0
), queued AS MATERIALIZED (
  SELECT s.system, s.room, q.message_id, q.id, q.queued_at,
    row_number() OVER (PARTITION BY s.system ORDER BY s.urgency, q.turn, random()) AS place
  FROM sender s CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.queued_at, row_number() OVER (ORDER BY d.queued_at) AS turn FROM delivery d
    WHERE d.message_id >= ${since} AND ${UNTAKEN} AND d.receiver_system = s.system AND d.urgency = s.urgency AND d.sender_system = s.sender
      AND ${FREE}
    ORDER BY d.queued_at LIMIT least(s.room, $1)
  ) q
), chosen AS MATERIALIZED (
  ${few('SELECT * FROM queued WHERE place <= room ORDER BY place, queued_at LIMIT $1')}
)
SELECT c.message_id AS "messageId", c.id, c.place, c.queued_at AS "queuedAt", o.probe, told.* FROM (
  SELECT coalesce(json_object_agg(system, marked), '{}') AS marked,
    coalesce(json_object_agg(system, room), '{}') AS rooms,
    (SELECT coalesce(json_agg(system), '[]') FROM circuit) AS circuits FROM open
) told LEFT JOIN chosen c ON true LEFT JOIN open o ON o.system = c.system
ORDER BY c.place, c.queued_at, c.id`;

/**
 * Takes what was chosen of one day, and is still to be taken: $1 messages, $2 their deliveries, $3 reservation (ms), $4 deliveries that are probes.
 * What somebody else is changing is left to them.
 */
export const reserve = (tableOf: TableOf): string => `${lockedByKey(tableOf)}, locked AS MATERIALIZED (
  SELECT d.message_id, d.id FROM found d WHERE ${UNTAKEN} AND ${FREE}
), taken AS (
  UPDATE ${tableOf('delivery')} d SET lease_until = now() + $3::float8 * interval '1 millisecond' FROM locked l
  WHERE d.message_id = l.message_id AND d.id = l.id RETURNING d.*
), probed AS (
  UPDATE circuit c SET until = now() + ${PROBE}
  WHERE c.system IN (SELECT receiver_system FROM taken WHERE id = ANY ($4::uuid[]))
)
SELECT ${DELIVERY_COLUMNS}, ${MESSAGE_JSON} AS message,
  CASE WHEN d.kind = 'message' AND m.size <= ${CLAIM_CHECK_BYTES} AND p.sealed IS NULL THEN p.content END AS content
FROM taken d JOIN ${tableOf('message')} m ON m.id = d.message_id
LEFT JOIN ${tableOf('payload')} p ON p.message_id = d.message_id`;
