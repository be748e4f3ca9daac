const MESSAGE = `INSERT INTO message (id, message_id, correlation_id, sender_participant, sender_system, service, version,
    operation, profile, protocol, format, headers, digest, size, accepted_at, state, open, failed)
  SELECT id, id::text, id::text, 'c_i804', sender, 's', 1, 'o', 'one-way', 'rest', 'json', '{}', '', 2, now(), 'ACCEPTED', 1, 0 FROM made`;

/** SQL for `count` deliveries that wait for the system `busy`, each of the sender that `sender` (SQL over n) says. */
export const fill = (count: number, sender: string) => `
  WITH made AS MATERIALIZED (
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
      substr(md5(random()::text || n), 1, 3) || '8' || substr(md5(random()::text || n), 1, 15))::uuid AS id, n, ${sender} AS sender
    FROM generate_series(1, ${count}) n
  ), message AS (${MESSAGE}), payload AS (INSERT INTO payload (message_id, content) SELECT id, '{}' FROM made)
  INSERT INTO delivery (message_id, id, kind, receiver_participant, receiver_system, agreement, state, epoch, attempts,
    expires_at, queued_at, sender_system)
  SELECT id, id, 'message', 'c_g878', 'busy', 'a', 'QUEUED', 0, 0, now() + interval '1 day', now() - interval '1 minute' + n * interval '1 microsecond', sender
  FROM made`;
