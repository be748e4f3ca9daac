import type { TableOf } from './day-statement.js';
import { JOURNAL_COLUMNS } from './feed.js';

/**
 * Every change of a delivery's state is this one statement: $1 the changes of one day's deliveries (JSON). Rows are looked up one by one,
 * in the order of their ids so that batches never cross. What is moved to
 * another system leaves its conversation, which goes on without it. What ends before its turn stays `held`: its number has come.
 */
const seen = (tableOf: TableOf) => `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(n int, id uuid, message_id uuid, epoch int, lease text, "from" text[],
    "to" text, step int, tried int, owner text, lease_ms float8, next_ms float8, expires_at timestamptz, fault jsonb, by text,
    event text, receipt_event text, detail jsonb, attempt json, receipt_id uuid, receipt jsonb,
    receipt_participant text, receipt_system text, receipt_expires_at timestamptz, system text)
), seen AS MATERIALIZED (
  SELECT i.n, d.* FROM (SELECT n, message_id, id FROM input ORDER BY message_id, id, n) i
  CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.state, d.epoch, d.lease_owner, d.receiver_system, d.conversation FROM ${tableOf('delivery')} d
    WHERE d.message_id = i.message_id AND d.id = i.id FOR UPDATE
  ) d
), moved AS (
  UPDATE ${tableOf('delivery')} d SET
    state = i."to",
    receiver_system = coalesce(i.system, d.receiver_system),
    conversation = CASE WHEN i.system IS NULL OR i.system = d.receiver_system THEN d.conversation END,
    epoch = d.epoch + i.step,
    attempts = d.attempts + i.tried,
    next_attempt_at = now() + i.next_ms * interval '1 millisecond',
    expires_at = greatest(d.expires_at, i.expires_at),
    tried_before = CASE WHEN s.state IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED') THEN d.attempts ELSE d.tried_before END,
    lease_owner = CASE WHEN i."to" IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED') THEN d.lease_owner ELSE i.owner END,
    lease_until = now() + i.lease_ms * interval '1 millisecond',
    published_at = CASE WHEN i."to" = 'QUEUED' THEN NULL ELSE d.published_at END,
    queued_at = CASE WHEN i."to" = 'QUEUED' THEN now() ELSE d.queued_at END,
    held = CASE WHEN i."to" = 'QUEUED' THEN d.conversation IS NOT NULL AND (i.system IS NULL OR i.system = d.receiver_system)
      ELSE d.held AND i."to" IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED') END,
    ended_at = CASE WHEN i."to" IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED') THEN now() END,
    last_fault = coalesce(i.fault, d.last_fault)
  FROM seen s JOIN input i ON i.n = s.n
  WHERE d.message_id = s.message_id AND d.id = s.id
    AND s.state = ANY (i."from") AND (i.epoch IS NULL OR s.epoch = i.epoch)
    AND (i.lease IS NULL OR s.lease_owner = i.lease) AND NOT (d.held AND i."to" IN ('DELIVERING', 'SUSPENDED'))
  RETURNING i.n, d.message_id, d.id, d.kind, d.receiver_participant, s.state AS was, d.state, d.epoch, d.attempts,
    d.attempts - d.tried_before AS tries, d.expires_at <= now() AS expired, s.receiver_system, s.conversation,
    d.next_attempt_at, coalesce(i.by, s.lease_owner, 'gateway') AS by
)`;

const OUTCOME = `
SELECT (
  SELECT json_agg(o) FROM (
    SELECT s.n, s.state AS was, s.lease_owner AS "leaseOwner", m.n IS NOT NULL AS moved, m.epoch, m.attempts, m.tries,
      m.expired
    FROM seen s LEFT JOIN moved m ON m.n = s.n
  ) o
) AS outcomes, (SELECT json_agg(written ORDER BY seq) FROM written) AS events`;

/** As JavaScript writes it. */
const ISO = `to_char(m.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One journal row a change; a receipt on its way has its own event names. */
const CHANGE_EVENT = `
  SELECT m.n AS place, 1 AS part, m.message_id, m.id AS delivery_id,
    CASE WHEN m.kind = 'receipt' THEN coalesce(i.receipt_event, i.event) ELSE i.event END AS event,
    m.by, m.was AS from_state, m.state AS to_state,
    jsonb_strip_nulls(jsonb_build_object('receiver', m.receiver_participant, 'nextAttemptAt', ${ISO},
      'conversation', substr(m.conversation, strpos(m.conversation, ' ') + 1))) || i.detail AS detail
  FROM moved m JOIN input i ON i.n = m.n`;

const written = (rows: string) => `, written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, delivery_id, event, now(), by, from_state, to_state, detail FROM (${rows}) e ORDER BY place, part
  RETURNING ${JOURNAL_COLUMNS}
)`;

/** For changes that end nothing: the claim, the suspension, what the box does before it is acknowledged. */
export const change = (tableOf: TableOf): string => seen(tableOf) + written(CHANGE_EVENT) + OUTCOME;

const ENDED = `IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED')`;
const LOST = `IN ('FAILED', 'EXPIRED', 'CANCELLED')`;

/** With attempt, receipt and roll-up. Message rows are locked in the order of their ids, so that batches never cross. */
export const settle = (tableOf: TableOf): string => `${seen(tableOf)}, tried AS (
  INSERT INTO attempt (message_id, delivery_id, number, started_at, duration, target, status, response, fault)
  SELECT m.message_id, m.id, a.number, a."startedAt", a.duration, a.target, a.status, CASE WHEN a.response IS NOT NULL AND NOT EXISTS
    (SELECT FROM ${tableOf('payload')} p WHERE p.message_id = m.message_id AND p.sealed IS NOT NULL) THEN a.response END, a.fault
  FROM moved m JOIN input i ON i.n = m.n CROSS JOIN LATERAL json_to_record(i.attempt) AS a(number int,
    "startedAt" timestamptz, duration float8, target text, status int, response text, fault jsonb)
  WHERE i.attempt IS NOT NULL
  ON CONFLICT (message_id, delivery_id, number) DO UPDATE SET started_at = excluded.started_at,
    duration = excluded.duration, target = excluded.target, status = excluded.status, response = excluded.response,
    fault = excluded.fault
), receipted AS (
  INSERT INTO delivery (message_id, id, kind, receiver_participant, receiver_system, state, epoch, attempts,
    expires_at, queued_at, receipt)
  SELECT m.message_id, i.receipt_id, 'receipt', i.receipt_participant, i.receipt_system, 'QUEUED', 0, 0,
    i.receipt_expires_at, now(), i.receipt
  FROM moved m JOIN input i ON i.n = m.n WHERE i.receipt_id IS NOT NULL
), conversed AS MATERIALIZED (
  SELECT c.receiver_system, c.conversation FROM conversation c
  WHERE (c.receiver_system, c.conversation) IN (SELECT receiver_system, conversation FROM moved
    WHERE conversation IS NOT NULL AND state IN ('QUEUED', 'DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED'))
  ORDER BY 1, 2 FOR UPDATE
), woken AS (
  UPDATE conversation c SET changes = c.changes + 1, due_at = now(), changed_at = now() FROM conversed o
  WHERE c.receiver_system = o.receiver_system AND c.conversation = o.conversation
), change AS (
  SELECT message_id, max(n) AS n,
    sum((state ${ENDED})::int - (was ${ENDED})::int) AS ended, sum((state ${LOST})::int - (was ${LOST})::int) AS lost
  FROM moved WHERE kind = 'message' GROUP BY message_id
), rolled AS (
  UPDATE ${tableOf('message')} m SET
    open = m.open - l.ended,
    failed = m.failed + l.lost,
    state = CASE WHEN m.open - l.ended > 0 THEN 'ACCEPTED' WHEN m.failed + l.lost > 0 THEN 'PARTIALLY_FAILED'
      ELSE 'COMPLETED' END
  FROM (
    SELECT message_id, n, ended::int, lost::int FROM change WHERE ended <> 0 OR lost <> 0 ORDER BY message_id
  ) l WHERE m.id = l.message_id
  RETURNING m.id, m.state, l.n, m.open = 0 AND (l.ended <> 0 OR m.failed = 0) AS told
)${written(`${CHANGE_EVENT}
  UNION ALL
  SELECT m.n, 2, m.message_id, i.receipt_id, 'receipt.queued', m.by, NULL, 'QUEUED',
    jsonb_build_object('receiver', i.receipt_participant)
  FROM moved m JOIN input i ON i.n = m.n WHERE i.receipt_id IS NOT NULL
  UNION ALL
  SELECT n, 3, id, NULL, CASE state WHEN 'COMPLETED' THEN 'message.completed' ELSE 'message.partially-failed' END,
    'gateway', NULL, NULL, '{}' FROM rolled WHERE told`)}${OUTCOME}`;
