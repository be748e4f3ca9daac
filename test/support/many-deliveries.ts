/** What each of the messages is and to whom it goes. */
export interface Filled {
  readonly receiver: string;
  readonly system: string;
  readonly service: string;
  readonly operation: string;
  /** JSON. */
  readonly content: string;
}

const ANY: Filled = { receiver: 'c_g878', system: 'busy', service: 's', operation: 'o', content: '{}' };

const quoted = (text: string) => `'${text.replaceAll(`'`, `''`)}'`;

const message = ({ service, operation, content }: Filled) => `INSERT INTO message (id, message_id, correlation_id,
    sender_participant, sender_system, service, version, operation, profile, protocol, format, headers, digest, size, accepted_at,
    state, open, failed)
  SELECT id, id::text, id::text, 'c_i804', sender, ${quoted(service)}, 1, ${quoted(operation)}, 'one-way', 'rest', 'json',
    '{"content-type": "application/json"}', '', ${Buffer.byteLength(content)}, now(), 'ACCEPTED', 1, 0 FROM made`;

/** SQL for `count` deliveries that wait for one system (`busy`), each of the sender that `sender` (SQL over n) says. */
export const fill = (count: number, sender: string, filled: Filled = ANY) => `
  WITH made AS MATERIALIZED (
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
      substr(md5(random()::text || n), 1, 3) || '8' || substr(md5(random()::text || n), 1, 15))::uuid AS id, n, ${sender} AS sender
    FROM generate_series(1, ${count}) n
  ), message AS (${message(filled)}), payload AS (
    INSERT INTO payload (message_id, content) SELECT id, convert_to(${quoted(filled.content)}, 'UTF8') FROM made
  )
  INSERT INTO delivery (message_id, id, kind, receiver_participant, receiver_system, agreement, state, epoch, attempts,
    expires_at, queued_at, sender_system)
  SELECT id, id, 'message', ${quoted(filled.receiver)}, ${quoted(filled.system)}, 'a', 'QUEUED', 0, 0, now() + interval '1 day',
    now() - interval '1 minute' + n * interval '1 microsecond', sender FROM made`;
