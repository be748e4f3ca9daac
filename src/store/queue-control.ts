import type { QueueControl, QueueOrder } from '../delivery/ports.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import type { OpenFloor } from './open-floor.js';
import { few, type Sql } from './sql.js';

const told = (event: string, detail: string) => `written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, '${event}', now(), 'operator:' || $3::text, was, state,
    jsonb_build_object('receiver', receiver_participant, 'reason', $4::text${detail}) FROM moved ORDER BY message_id, id
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written ORDER BY seq) AS events FROM written`;

/** $1 how many, $2 system, $3 operator, $4 reason. Rows that someone else is changing are left to them. */
const release = (since: string) => `
WITH chosen AS MATERIALIZED (
  ${few(`SELECT message_id, id, state FROM delivery WHERE message_id >= ${since}
    AND state IN ('WAITING_RETRY', 'SUSPENDED') AND state = 'WAITING_RETRY' AND receiver_system = $2
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED`)}
), moved AS (
  UPDATE delivery d SET state = 'QUEUED', epoch = d.epoch + 1, next_attempt_at = NULL, lease_owner = NULL,
    lease_until = NULL, published_at = NULL, queued_at = now()
  FROM chosen c WHERE d.message_id >= ${since} AND d.message_id = c.message_id AND d.id = c.id
  RETURNING d.message_id, d.id, d.receiver_participant, c.state AS was, d.state
), ${told('delivery.requeued', '')}`;

/** Beside them $5 urgency, $6 sending system or body; null: any. What lies in the broker already keeps its place. */
const prioritise = (since: string) => `
WITH chosen AS MATERIALIZED (
  ${few(`SELECT d.message_id, d.id FROM delivery d WHERE d.message_id >= ${since} AND d.ended_at IS NULL
    AND d.receiver_system = $2 AND d.urgency <> $5::smallint AND d.kind = 'message' AND (d.state IN ('WAITING_RETRY', 'SUSPENDED') OR d.state = 'QUEUED' AND d.published_at IS NULL)
    AND ($6::text IS NULL OR d.sender_system = $6 OR EXISTS (
      SELECT FROM message m WHERE m.id >= ${since} AND m.id = d.message_id AND m.sender_participant = $6))
    ORDER BY d.message_id, d.id LIMIT $1 FOR UPDATE OF d SKIP LOCKED`)}
), moved AS (
  UPDATE delivery d SET urgency = $5::smallint FROM chosen c
  WHERE d.message_id >= ${since} AND d.message_id = c.message_id AND d.id = c.id
  RETURNING d.message_id, d.id, d.receiver_participant, d.state AS was, d.state
), ${told('delivery.prioritised', `, 'priority', 9 - $5::smallint`)}`;

/** What operators do to whole queues. */
export class LedgerQueues implements QueueControl {
  constructor(
    private readonly sql: Sql,
    private readonly floor: OpenFloor,
    private readonly feed: LedgerFeed,
  ) {}

  release(order: QueueOrder): Promise<number> {
    return this.change(release, order);
  }

  prioritise({ priority, sender, ...order }: Parameters<QueueControl['prioritise']>[0]): Promise<number> {
    return this.change(prioritise, order, 9 - priority, sender ?? null);
  }

  private async change(
    write: (since: string) => string,
    { limit, system, operator, reason }: QueueOrder,
    ...more: readonly unknown[]
  ) {
    const values = [limit, system, operator, reason, ...more];
    const [row] = await this.sql.once<{ events: JournalJson[] | null }>(write(await this.floor.since()), values);
    this.feed.emit(row?.events ?? null);
    return row?.events?.length ?? 0;
  }
}
