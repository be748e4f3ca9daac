import type { MessageStatus, RelatedMessage } from '../trace/ports.js';
import { isUuid } from '../new-id.js';
import { concerns } from './search-sql.js';
import type { Sql } from './sql.js';

const IN_SIGHT = concerns('$6');

/**
 * $1 the message, $2 its sender's id, $3 what it relates to, $4 the same where it is an id of the gateway, $5 its correlation id, $6
 * IPA codes in sight or null, $7 how many.
 */
const RELATED = `
WITH named AS MATERIALIZED (
  (SELECT m.id, 'origin' AS relation FROM message m WHERE (m.message_id = $3 OR m.id = $4::uuid) AND ${IN_SIGHT} LIMIT $7)
  UNION ALL
  (SELECT m.id, 'follow-up' FROM message m WHERE m.relates_to = ANY(ARRAY[$1::text, $2]) AND ${IN_SIGHT} ORDER BY m.id DESC LIMIT $7)
  UNION ALL
  (SELECT m.id, 'same-correlation' FROM message m WHERE m.correlation_id = $5 AND ${IN_SIGHT} ORDER BY m.id DESC LIMIT $7)
), once AS (
  SELECT DISTINCT ON (id) id, relation FROM named WHERE id <> $1::uuid
  ORDER BY id, relation = 'origin' DESC, relation = 'follow-up' DESC
)
SELECT m.id, m.message_id AS "messageId", o.relation, m.profile, m.accepted_at AS "acceptedAt", m.sender_participant AS sender,
  m.service, m.operation, m.state
FROM once o JOIN message m ON m.id = o.id
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
