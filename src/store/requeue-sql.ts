import { JOURNAL_COLUMNS } from './feed.js';
import { few } from './sql.js';

/**
 * Back to QUEUED under a new epoch, unpublished, with a history row: at most $1 deliveries that meet `condition`,
 * ordered by `order`. Rows that someone else is changing are left to them.
 */
export const requeue = (condition: string, order: string): string => `
WITH chosen AS MATERIALIZED (
  ${few(`SELECT message_id, id, state FROM delivery WHERE ${condition} ORDER BY ${order} LIMIT $1 FOR UPDATE SKIP LOCKED`)}
), moved AS (
  UPDATE delivery d SET state = 'QUEUED', epoch = d.epoch + 1, next_attempt_at = NULL, lease_owner = NULL,
    lease_until = NULL, published_at = NULL, queued_at = now()
  FROM chosen c WHERE d.message_id = c.message_id AND d.id = c.id
  RETURNING d.message_id, d.id, d.receiver_participant, c.state AS was
), written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, 'delivery.requeued', now(), 'gateway', was, 'QUEUED',
    jsonb_build_object('receiver', receiver_participant) FROM moved ORDER BY message_id, id
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written ORDER BY seq) AS events FROM written`;
