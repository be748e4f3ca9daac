import {
  CLAIM_CHECK_BYTES,
  type Advanced,
  type AdvanceOrder,
  type Outbox,
  type TakeOrder,
  type Taken,
} from '../acceptance/ports.js';
import type { DeliveryRef } from '../message/delivery.js';
import { Fault } from '../message/fault.js';
import { ADVANCE } from './advance-sql.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { requeue } from './requeue-sql.js';
import { DELIVERY_COLUMNS, MESSAGE_JSON, queueItemOf } from './rows.js';
import type { Sql } from './sql.js';

const MARK = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS i(id, message_id, epoch)
), seen AS MATERIALIZED (
  SELECT d.message_id, d.id FROM delivery d JOIN input i ON d.message_id = i.message_id AND d.id = i.id
  WHERE d.message_id BETWEEN $4 AND $5 AND d.state = 'QUEUED' AND d.epoch = i.epoch AND d.published_at IS NULL
  ORDER BY 1, 2 FOR UPDATE OF d
), marked AS (
  UPDATE delivery d SET published_at = now(), lease_until = NULL FROM seen s
  WHERE d.message_id = s.message_id AND d.id = s.id AND d.message_id BETWEEN $4 AND $5
  RETURNING d.message_id, d.id, d.receiver_participant
), written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, 'delivery.published', now(), 'gateway', 'QUEUED', 'QUEUED',
    jsonb_build_object('receiver', receiver_participant) FROM marked ORDER BY message_id, id
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written ORDER BY seq) AS events FROM written`;

/**
 * Systems are found by skipping along the index, so that a long queue of one costs the others nothing. `room` is what a
 * system's window still holds; the last column tells how much of each lies marked.
 */
const TAKE = `
WITH RECURSIVE waiting (system) AS (
  SELECT min(receiver_system) FROM delivery WHERE state = 'QUEUED' AND published_at IS NULL AND NOT held
  UNION ALL
  SELECT (SELECT min(receiver_system) FROM delivery
    WHERE state = 'QUEUED' AND published_at IS NULL AND NOT held AND receiver_system > waiting.system)
  FROM waiting WHERE system IS NOT NULL
), counted AS MATERIALIZED (
  SELECT w.system, (SELECT count(*) FROM (SELECT 1 FROM delivery d
    WHERE d.receiver_system = w.system AND d.state = 'QUEUED' AND d.published_at IS NOT NULL LIMIT $2) published) AS marked
  FROM waiting w WHERE w.system IS NOT NULL
), open AS (
  SELECT c.system, greatest($2 - c.marked - coalesce(u.unmarked, 0), 0) AS room
  FROM counted c LEFT JOIN unnest($5::text[], $6::int[]) AS u(system, unmarked) ON u.system = c.system
), chosen AS MATERIALIZED (
  SELECT oldest.* FROM open CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.queued_at FROM delivery d
    WHERE d.receiver_system = open.system AND d.state = 'QUEUED' AND d.published_at IS NULL AND NOT d.held
      AND (d.epoch > 0 OR d.kind = 'receipt' OR d.conversation IS NOT NULL OR d.queued_at <= now() - $3::float8 * interval '1 millisecond')
      AND (d.lease_until IS NULL OR d.lease_until <= now())
    ORDER BY d.queued_at LIMIT open.room
  ) oldest
  ORDER BY oldest.queued_at LIMIT $1
), held AS MATERIALIZED (
  SELECT d.message_id, d.id FROM delivery d JOIN chosen c ON d.message_id = c.message_id AND d.id = c.id
  WHERE d.state = 'QUEUED' AND d.published_at IS NULL AND NOT d.held AND (d.lease_until IS NULL OR d.lease_until <= now())
  FOR UPDATE OF d SKIP LOCKED
), taken AS (
  UPDATE delivery d SET lease_until = now() + $4::float8 * interval '1 millisecond' FROM held h
  WHERE d.message_id = h.message_id AND d.id = h.id RETURNING d.*
), items AS (
  SELECT ${DELIVERY_COLUMNS}, d.queued_at, ${MESSAGE_JSON} AS message,
    CASE WHEN d.kind = 'message' AND m.size <= ${CLAIM_CHECK_BYTES} THEN p.content END AS content
  FROM taken d JOIN message m ON m.id = d.message_id LEFT JOIN payload p ON p.message_id = d.message_id
)
SELECT items.*, marked FROM (
  SELECT coalesce(json_object_agg(c.system, c.marked), '{}') AS marked FROM counted c
) m LEFT JOIN items ON true
ORDER BY items.queued_at, items.id`;

const UNPUBLISH = requeue(
  `state = 'QUEUED' AND published_at IS NOT NULL AND ($2::text IS NULL OR receiver_system = $2)`,
  'queued_at',
);
const UNPUBLISH_BATCH = 1_000;

type TakenRow = DeliveryRow & { message: MessageRow; content: Buffer | null; marked: Record<string, number> };

/** Its detail and place are the delivery's. */
const GAP = new Fault('sequence-gap', { detail: '' }).toRecord();

/** Deliveries QUEUED that no queue holds yet. */
export class LedgerOutbox implements Outbox {
  private readonly marking: GroupCommit<DeliveryRef, void>;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    this.marking = new GroupCommit((refs) => this.mark(refs), {
      maxItems: 200,
      maxBytes: Infinity,
      paceMs: 20,
      concurrency: 1,
      maxQueued: 20_000,
      maxQueuedBytes: Infinity,
      bytesOf: () => 0,
    });
  }

  markPublished(ref: DeliveryRef): Promise<void> {
    return this.marking.submit(ref);
  }

  async takeUnpublished(order: TakeOrder): Promise<Taken> {
    const { limit, window, olderThanMs, reserveMs, unmarked } = order;
    const values = [limit, window, olderThanMs, reserveMs, [...unmarked.keys()], [...unmarked.values()]];
    const rows = await this.sql.query<TakenRow>(TAKE, values);
    return { items: rows.filter((row) => row.id !== null).map(queueItemOf), marked: rows[0]?.marked ?? {} };
  }

  async advance({ limit, gapWaitMs }: AdvanceOrder): Promise<Advanced> {
    const values = [limit, gapWaitMs, JSON.stringify(GAP)];
    const [row] = await this.sql.query<Advanced & { overtaken: DeliveryRef[] | null; events: JournalJson[] | null }>(
      ADVANCE,
      values,
    );
    this.feed.emit(row?.events ?? null);
    return { went: row?.went ?? 0, overtaken: row?.overtaken ?? [] };
  }

  async unpublish(system: string | null): Promise<number> {
    let total = 0;
    for (let last = UNPUBLISH_BATCH; last === UNPUBLISH_BATCH; total += last) {
      const [row] = await this.sql.query<{ events: JournalJson[] | null }>(UNPUBLISH, [UNPUBLISH_BATCH, system]);
      this.feed.emit(row?.events ?? null);
      last = row?.events?.length ?? 0;
    }
    return total;
  }

  drain(): Promise<void> {
    return this.marking.drain();
  }

  private async mark(refs: readonly DeliveryRef[]): Promise<void[]> {
    const messages = refs.map((ref) => ref.messageId.toLowerCase());
    const sorted = messages.toSorted();
    const [row] = await this.sql.run<{ events: JournalJson[] | null }>(MARK, [
      refs.map((ref) => ref.deliveryId),
      messages,
      refs.map((ref) => ref.epoch),
      sorted[0],
      sorted.at(-1),
    ]);
    this.feed.emit(row?.events ?? null);
    return refs.map(() => undefined);
  }
}
