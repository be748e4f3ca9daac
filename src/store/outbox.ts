import type { Advanced, AdvanceOrder, Marked, Outbox, QueueItem, TakeOrder, Taken } from '../acceptance/ports.js';
import type { DeliveryRef } from '../message/delivery.js';
import { Fault } from '../message/fault.js';
import { advance, next } from './advance-sql.js';
import { byDay, DayStatement, keysOf, type TableOf } from './day-statement.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import type { OpenFloor } from './open-floor.js';
import { dayOf, dayRange } from './partitions.js';
import { Requeue, type Requeued } from './requeue.js';
import { queueItemOf } from './rows.js';
import type { Sql } from './sql.js';
import { choose, reserve } from './take-sql.js';

/** $1 deliveries, $2 their messages, $3 epochs, $4 how long they may be reserved and be marked all the same (ms; null: however long). */
const mark = (tableOf: TableOf) => `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::float8[]) AS i(id, message_id, epoch, until_ms)
), resting AS MATERIALIZED (
  SELECT i.*, d.lease_until > now() + i.until_ms * interval '1 millisecond' AS reserved FROM input i CROSS JOIN LATERAL (
    SELECT d.lease_until FROM ${tableOf('delivery')} d
    WHERE d.message_id = i.message_id AND d.id = i.id AND d.state = 'QUEUED' AND d.epoch = i.epoch AND d.published_at IS NULL
  ) d
), due AS MATERIALIZED (
  SELECT d.*, i.epoch AS wanted FROM (SELECT * FROM resting WHERE reserved IS NOT TRUE ORDER BY message_id, id) i CROSS JOIN LATERAL (
    SELECT d.message_id, d.id, d.state, d.epoch, d.published_at FROM ${tableOf('delivery')} d
    WHERE d.message_id = i.message_id AND d.id = i.id FOR UPDATE
  ) d
), marked AS (
  UPDATE ${tableOf('delivery')} d SET published_at = now(), lease_until = NULL FROM due s
  WHERE d.message_id = s.message_id AND d.id = s.id AND s.state = 'QUEUED' AND s.epoch = s.wanted AND s.published_at IS NULL
  RETURNING d.message_id, d.id, d.receiver_participant
), written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, 'delivery.published', now(), 'gateway', 'QUEUED', 'QUEUED',
    jsonb_build_object('receiver', receiver_participant) FROM marked ORDER BY message_id, id
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT (SELECT json_agg(written ORDER BY seq) FROM written) AS events, (SELECT json_agg(id) FROM resting WHERE reserved) AS reserved`;

const PUBLISHED: Requeued = {
  condition: (system) =>
    `state = 'QUEUED' AND published_at IS NOT NULL AND ($${system}::text IS NULL OR receiver_system = $${system})`,
  order: 'queued_at',
};
/** Since before the second value: what has gone back is soon reserved anew. */
const RESERVED: Requeued = {
  condition: (system) => `state = 'QUEUED' AND published_at IS NULL AND NOT held AND lease_until > now()
    AND receiver_system = $${system} AND queued_at <= $${system + 1}::timestamptz`,
  order: 'queued_at',
};
/** Fetched from a box, a delivery is leased: its system has it. */
const AVAILABLE: Requeued = {
  condition: (system) => `state = 'AVAILABLE' AND lease_owner IS NULL AND receiver_system = $${system}`,
  order: 'id',
};
const REQUEUED_AT_ONCE = 1_000;

/** One that was chosen; of none `id` is null. */
type ChosenRow = Omit<Taken, 'items'> & {
  readonly messageId: string;
  readonly id: string | null;
  readonly probe: boolean;
};
type TakenRow = DeliveryRow & { readonly message: MessageRow; readonly content: Buffer | null };

interface AdvancedRow {
  readonly went: number;
  readonly overtaken: DeliveryRef[] | null;
  readonly events: JournalJson[] | null;
}

interface Look {
  readonly ref: DeliveryRef;
  readonly untilMs: number | null;
}

interface MarkedRow {
  readonly events: JournalJson[] | null;
  readonly reserved: string[] | null;
}

const today = () => dayRange(new Date()).name;

/** Its detail and place are the delivery's. */
const GAP = new Fault('sequence-gap', { detail: '' }).toRecord();

const dayOfRef = ({ messageId }: DeliveryRef) => dayOf(messageId);

/** Deliveries QUEUED that no queue holds yet. */
export class LedgerOutbox implements Outbox {
  private readonly marking: GroupCommit<Look, Marked>;
  private readonly marks: DayStatement;
  private readonly reserving: DayStatement;
  private readonly unpublishing: Requeue;
  private readonly releasing: Requeue;
  private readonly takingBack: Requeue;
  private advancing: { readonly since: string; readonly statement: DayStatement } | null = null;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
    private readonly floor: OpenFloor,
  ) {
    this.marks = new DayStatement(sql, mark);
    this.reserving = new DayStatement(sql, reserve);
    this.unpublishing = new Requeue(sql, floor, feed, PUBLISHED);
    this.releasing = new Requeue(sql, floor, feed, RESERVED);
    this.takingBack = new Requeue(sql, floor, feed, AVAILABLE);
    this.marking = new GroupCommit((looks) => this.mark(looks), {
      maxItems: 200,
      maxBytes: Infinity,
      paceMs: 20,
      concurrency: 1,
      maxQueued: 20_000,
      maxQueuedBytes: Infinity,
      bytesOf: () => 0,
      apart: ({ ref }) => dayOfRef(ref),
    });
  }

  markPublished(ref: DeliveryRef, untilMs: number | null = null): Promise<Marked> {
    return this.marking.submit({ ref, untilMs });
  }

  async takeUnpublished(order: TakeOrder): Promise<Taken> {
    const { limit, window, reserveMs, systems } = order;
    const known = [...systems.values()];
    const rows = await this.floor.query<ChosenRow>(choose, [
      ...[limit, window, [...systems.keys()]],
      known.map(({ size }) => size),
      known.map(({ unmarked }) => unmarked),
      known.map(({ atMost }) => atMost),
    ]);
    const { marked = {}, rooms = {}, circuits = [] } = rows[0] ?? {};
    const items = await this.reserve(
      rows.filter(({ id }) => id !== null),
      reserveMs,
    );
    return { items, marked, rooms, circuits };
  }

  async advance(order: AdvanceOrder): Promise<Advanced> {
    const due = await this.floor.query<{ messageId: string | null }>(next, [order.limit]);
    if (due.length === 0) return { went: 0, overtaken: [] };
    const statement = this.advancingFrom(await this.floor.since());
    const all = { went: 0, overtaken: [] as DeliveryRef[] };
    // Those without a next message are of any day.
    for (const day of new Set(due.map(({ messageId }) => (messageId === null ? today() : dayOf(messageId))))) {
      const { went, overtaken } = await this.advanceOf(day, order, statement);
      all.went += went;
      all.overtaken.push(...overtaken);
    }
    return all;
  }

  async unpublish(system: string | null): Promise<number> {
    const published = await requeueAll(this.unpublishing, system);
    if (system === null) return published;
    const [row] = await this.sql.query<{ now: string }>('SELECT now()::text AS now');
    return published + (await requeueAll(this.releasing, system, row!.now));
  }

  takeBackAvailable = (system: string): Promise<number> => requeueAll(this.takingBack, system);

  /** Made anew when the floor has moved. */
  private advancingFrom(since: string): DayStatement {
    if (this.advancing?.since !== since)
      this.advancing = { since, statement: new DayStatement(this.sql, (tableOf, day) => advance(tableOf, day, since)) };
    return this.advancing.statement;
  }

  private async advanceOf(
    day: string | null,
    { limit, gapWaitMs }: AdvanceOrder,
    statement: DayStatement,
  ): Promise<Advanced> {
    const values = [limit, gapWaitMs, JSON.stringify(GAP)];
    const [row] = await statement.query<AdvancedRow>(day, values);
    this.feed.emit(row?.events ?? null);
    return { went: row?.went ?? 0, overtaken: row?.overtaken ?? [] };
  }

  /** In their order, without those that somebody else was quicker to take. */
  private async reserve(chosen: readonly ChosenRow[], reserveMs: number): Promise<QueueItem[]> {
    const taken = new Map<string, TakenRow>();
    for (const [day, ofDay] of byDay(chosen)) {
      const probes = ofDay.filter(({ probe }) => probe);
      const rows = await this.reserving.query<TakenRow>(day, [...keysOf(ofDay), reserveMs, probes.map(({ id }) => id)]);
      for (const row of rows) taken.set(row.id, row);
    }
    return chosen.flatMap(({ id, probe }) => {
      const row = taken.get(id!);
      return row ? [{ ...queueItemOf(row), ...(probe && { isProbe: true }) }] : [];
    });
  }

  drain(): Promise<void> {
    return this.marking.drain();
  }

  /** Of one day, all of them. */
  private async mark(looks: readonly Look[]): Promise<Marked[]> {
    const [row] = await this.marks.run<MarkedRow>(dayOfRef(looks[0]!.ref), [
      looks.map(({ ref }) => ref.deliveryId),
      looks.map(({ ref }) => ref.messageId),
      looks.map(({ ref }) => ref.epoch),
      looks.map(({ untilMs }) => untilMs),
    ]);
    this.feed.emit(row?.events ?? null);
    const marked = new Set(row?.events?.map(({ deliveryId }) => deliveryId));
    const reserved = new Set(row?.reserved);
    return looks.map(({ ref: { deliveryId } }) => {
      const id = deliveryId.toLowerCase();
      return marked.has(id) ? 'marked' : reserved.has(id) ? 'reserved' : 'gone';
    });
  }
}

async function requeueAll(requeue: Requeue, ...values: readonly unknown[]): Promise<number> {
  let total = 0;
  for (let last = REQUEUED_AT_ONCE; last === REQUEUED_AT_ONCE; total += last)
    last = await requeue.run(REQUEUED_AT_ONCE, ...values);
  return total;
}
