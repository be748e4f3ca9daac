import type { TableOf } from './day-statement.js';
import { JOURNAL_COLUMNS } from './feed.js';

const MESSAGE_FIELDS = `id uuid, message_id text, correlation_id text, relates_to text, reply_to jsonb, sender_participant text,
  sender_system text, service text, version int, operation text, profile text, protocol text, format text,
  headers jsonb, digest text, size int, accepted_at timestamptz`;

/**
 * $1 messages, $2 their deliveries (both JSON), $3 all contents one after the other, $4 business keys (JSON). One statement, so one commit: the
 * idempotency row decides who wins, everything else is written for winners only. What goes in order is numbered under the lock of its
 * conversation, so in the order of the commits, and held until its turn comes. An answer is told of on its question too, and is
 * for who has asked, also without a delivery. Keys are sorted so that two batches never wait for each other in a circle.
 */
const acceptWith = ({ columns, reserved, winners, claimed, payload }: Stored, receiver: string) => `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(${MESSAGE_FIELDS}, "start" int, "length" int, open int, detail jsonb, sealed uuid${columns})
)${reserved}, won AS (
  INSERT INTO idempotency (sender_system, message_id, digest, id, correlation_id, accepted_at)
  SELECT sender_system, message_id, digest, id, correlation_id, accepted_at FROM input ${winners} ORDER BY 1, 2
  ON CONFLICT DO NOTHING RETURNING id
), winner AS MATERIALIZED (
  SELECT input.* FROM input JOIN won USING (id)
), stored_message AS (
  INSERT INTO message (id, message_id, correlation_id, relates_to, reply_to, sender_participant, sender_system, receiver,
    service, version, operation, profile, protocol, format, headers, digest, size, accepted_at, state, open, failed)
  SELECT id, message_id, correlation_id, relates_to, reply_to, sender_participant, sender_system,
    ${receiver},
    service, version, operation, profile, protocol, format, headers, digest, size, accepted_at,
    CASE WHEN open = 0 THEN 'COMPLETED' ELSE 'ACCEPTED' END, open, 0 FROM winner w
), stored_payload AS (
  INSERT INTO payload (message_id, content, sealed${payload.column})
  SELECT id, ${payload.values} FROM winner
)${claimed}, addressed AS MATERIALIZED (
  SELECT d.* FROM json_to_recordset($2::json) AS d(n int, message_id uuid, id uuid, participant text, system text,
    agreement text, expires_at timestamptz, conversation text, sequence int, urgency int, sender text, reserve_ms float8)
  JOIN won ON won.id = d.message_id
), counted AS MATERIALIZED (
  SELECT id, row_number() OVER one - count(*) OVER whole AS back
  FROM addressed WHERE conversation IS NOT NULL
  WINDOW one AS (PARTITION BY system, conversation, sequence IS NULL ORDER BY n),
    whole AS (PARTITION BY system, conversation, sequence IS NULL)
), conversed AS (
  INSERT INTO conversation AS c (receiver_system, conversation, last, passed, changes, due_at, numbered, changed_at)
  SELECT system, conversation, coalesce(max(sequence), 0) + count(*) FILTER (WHERE sequence IS NULL), 0,
    count(*) FILTER (WHERE sequence IS NULL), now(), bool_or(sequence IS NOT NULL), now()
  FROM addressed WHERE conversation IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (receiver_system, conversation) DO UPDATE SET
    last = greatest(c.last, excluded.last - excluded.changes) + excluded.changes, changes = c.changes + 1,
    due_at = now(), numbered = c.numbered OR excluded.numbered, changed_at = now()
  RETURNING receiver_system, conversation, last
), stored_delivery AS (
  INSERT INTO delivery (message_id, id, kind, receiver_participant, receiver_system, agreement, state, epoch, attempts,
    expires_at, queued_at, lease_until, conversation, sequence, numbered, held, urgency, sender_system)
  SELECT d.message_id, d.id, 'message', d.participant, d.system, d.agreement, 'QUEUED', 0, 0, d.expires_at, now(),
    now() + d.reserve_ms * interval '1 millisecond', d.conversation, coalesce(d.sequence, c.last + n.back),
    d.sequence IS NOT NULL, d.conversation IS NOT NULL, d.urgency, d.sender
  FROM addressed d LEFT JOIN counted n ON n.id = d.id
  LEFT JOIN conversed c ON c.receiver_system = d.system AND c.conversation = d.conversation
), stored_key AS (
  INSERT INTO business_key (message_id, name, lookup, hashed)
  SELECT k.* FROM json_to_recordset($4::json) AS k(message_id uuid, name text, lookup text, hashed boolean)
  JOIN won ON won.id = k.message_id
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, 'message.accepted', accepted_at, sender_system, detail FROM winner
  UNION ALL
  SELECT relates_to::uuid, 'message.answered', accepted_at, sender_system, json_build_object('size', size)::jsonb
  FROM winner WHERE profile = 'answer'
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written) AS events FROM written`;

interface Stored {
  readonly columns: string;
  readonly reserved: string;
  readonly winners: string;
  readonly claimed: string;
  readonly payload: { readonly column: string; readonly values: string };
}

const BYTES = `substring($3::bytea FROM "start" + 1 FOR "length")`;

const HELD: Stored = {
  columns: '',
  reserved: '',
  winners: '',
  claimed: '',
  payload: { column: '', values: `${BYTES}, sealed` },
};

/** Where contents lie in the payload store. One that its uploader has lost, and the sweep has taken, cannot win. */
const STORED: Stored = {
  columns: ', stored jsonb, stored_id uuid',
  reserved: `, reserved AS MATERIALIZED (
  SELECT o.id FROM payload_object o JOIN input i ON i.stored_id = o.id
  WHERE o.message_id IS NULL AND NOT o.condemned ORDER BY o.id FOR UPDATE OF o
)`,
  winners: 'WHERE stored_id IS NULL OR stored_id IN (SELECT id FROM reserved)',
  claimed: `, claimed AS (
  UPDATE payload_object o SET message_id = w.id FROM winner w WHERE o.id = w.stored_id
)`,
  payload: { column: ', stored', values: `CASE WHEN stored IS NULL THEN ${BYTES} END, sealed, stored` },
};

const NOBODY = 'NULL';
/** Who has asked. To look for it opens the tables of every day. */
const ASKER = `CASE WHEN profile = 'answer' THEN (SELECT q.sender_participant FROM message q WHERE q.id = w.relates_to::uuid) END`;

/** By what is among the messages: contents in the payload store, and answers. */
export const ACCEPT = {
  plain: acceptWith(HELD, NOBODY),
  answers: acceptWith(HELD, ASKER),
  stored: acceptWith(STORED, NOBODY),
  storedAnswers: acceptWith(STORED, ASKER),
} as const;

/**
 * $1 the keys of those that did not win (JSON): who was first, and a journal row on the first where they are equal. What is
 * found under its own id was committed by a try whose answer was lost; the write makes this commit wait for a standby as that one did.
 */
export const LOOK_UP = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(n int, own uuid, sender_system text, message_id text, digest text)
), found AS MATERIALIZED (
  SELECT i.n, k.id = i.own AS own, k.id, k.message_id, k.correlation_id, k.accepted_at, k.sender_system, k.digest = i.digest AS same
  FROM input i JOIN idempotency k ON k.sender_system = i.sender_system AND k.message_id = i.message_id
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, 'message.duplicate', now(), sender_system, '{}' FROM found WHERE same AND NOT own ORDER BY n
  RETURNING ${JOURNAL_COLUMNS}
), kept AS (
  UPDATE idempotency k SET digest = k.digest FROM input i
  WHERE k.sender_system = i.sender_system AND k.message_id = i.message_id AND k.id = i.own
)
SELECT (SELECT json_agg(found) FROM found) AS found, (SELECT json_agg(written) FROM written) AS events`;

/** $1 refused messages (JSON). */
export const REJECT = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(id uuid, message_id text, correlation_id text,
    sender_participant text, sender_system text, receiver text, service text, version int, operation text, protocol text, size int,
    accepted_at timestamptz, fault jsonb, detail jsonb)
), stored AS (
  INSERT INTO message (id, message_id, correlation_id, sender_participant, sender_system, receiver, service, version,
    operation, protocol, size, accepted_at, state, open, failed, fault)
  SELECT id, message_id, correlation_id, sender_participant, sender_system, receiver, service, version,
    operation, protocol, size, accepted_at, 'REJECTED', 0, 0, fault FROM input
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, 'message.rejected', accepted_at, sender_system, detail FROM input
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written) AS events FROM written`;

/**
 * $1 questions and kept answers (JSON), $2 all contents one after the other, $3 business keys of the new ones (JSON). Where `is_new` is true they are inserted, where it
 * is false their end is written by `ended`, where it is null a journal row only; `asked` and `event` are journal rows, which may be of the same millisecond.
 */
const record = (ended: string) => `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json)
    AS i(${MESSAGE_FIELDS}, receiver text, state text, failed int, fault jsonb, event text, ended_at timestamptz,
      asked jsonb, detail jsonb, is_new boolean, "start" int, "length" int, sealed uuid)
), stored AS (
  INSERT INTO message (id, message_id, correlation_id, relates_to, sender_participant, sender_system, receiver, service,
    version, operation, profile, protocol, format, headers, digest, size, accepted_at, state, open, failed, fault)
  SELECT id, message_id, correlation_id, relates_to, sender_participant, sender_system, receiver, service,
    version, operation, profile, protocol, format, headers, digest, size, accepted_at, state, 0, failed, fault
  FROM input WHERE is_new
)${ended}, stored_payload AS (
  INSERT INTO payload (message_id, content, sealed)
  SELECT id, substring($2::bytea FROM "start" + 1 FOR "length"), sealed FROM input WHERE "start" IS NOT NULL
), stored_key AS (
  INSERT INTO business_key (message_id, name, lookup, hashed)
  SELECT k.* FROM json_to_recordset($3::json) AS k(message_id uuid, name text, lookup text, hashed boolean)
), rows AS (
  SELECT id, 'query.asked' AS event, accepted_at AS at, sender_system AS by, asked AS detail
  FROM input WHERE asked IS NOT NULL
  UNION ALL SELECT id, event, ended_at, sender_system, detail FROM input WHERE event IS NOT NULL
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, event, at, by, detail FROM rows ORDER BY at, event <> 'query.asked', event = 'query.late'
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written) AS events FROM written`;

/** None of which was written down before. */
export const RECORD_QUERIES = record('');

/** What was written down on one day. */
export const endQueries = (tableOf: TableOf): string =>
  record(`, ended AS (
  UPDATE ${tableOf('message')} m SET state = input.state, failed = input.failed, fault = input.fault
  FROM input WHERE m.id = input.id AND NOT is_new
)`);
