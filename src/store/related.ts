import type { MessageStatus, RelatedMessage } from '../trace/ports.js';
import { isUuid } from './delivery-ledger.js';
import type { Sql } from './sql.js';

/**
 * $1 the message, $2 its sender's id, $3 what it relates to, $4 the same where it is an id of the gateway, $5 its correlation id, $6
 * IPA codes in sight or null, $7 how many.
 */
const RELATED = `
WITH named AS MATERIALIZED (
  (SELECT id, 'origin' AS relation FROM message WHERE message_id = $3 OR id = $4::uuid LIMIT $7)
  UNION ALL
  (SELECT id, 'follow-up' FROM message WHERE relates_to = ANY(ARRAY[$1::text, $2]) ORDER BY id DESC LIMIT $7)
  UNION ALL
  (SELECT id, 'same-correlation' FROM message WHERE correlation_id = $5 ORDER BY id DESC LIMIT $7)
), once AS (
  SELECT DISTINCT ON (id) id, relation FROM named WHERE id <> $1::uuid
  ORDER BY id, relation = 'origin' DESC, relation = 'follow-up' DESC
)
SELECT m.id, m.message_id AS "messageId", o.relation, m.profile, m.accepted_at AS "acceptedAt", m.sender_participant AS sender,
  m.service, m.operation, m.state
FROM once o JOIN message m ON m.id = o.id
WHERE $6::text[] IS NULL OR m.sender_participant = ANY($6) OR m.receiver = ANY($6) OR EXISTS (SELECT FROM delivery d
  WHERE d.message_id = m.id AND d.kind = 'message' AND d.receiver_participant = ANY($6))
ORDER BY m.id DESC LIMIT $7`;

const MOST = 50;

/** What else belongs to a message, of what an operator sees. */
export async function relatedTo(
  { id, messageId, relatesTo, correlationId }: MessageStatus,
  participants: readonly string[] | null,
  sql: Sql,
): Promise<readonly RelatedMessage[]> {
  const origin = relatesTo !== null && isUuid(relatesTo) ? relatesTo : null;
  const values = [id, messageId, relatesTo, origin, correlationId, participants, MOST];
  return sql.query<RelatedMessage>(RELATED, values);
}
