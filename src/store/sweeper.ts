import type { DataSource } from 'typeorm';
import type { Settlement, Sweeper } from '../delivery/ports.js';
import type { DeliveryRef } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import { storeFault } from './faults.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { Listing, type Listed } from './listing.js';
import type { OpenFloor } from './open-floor.js';
import { createPartitions, firstIdAt, inText } from './partitions.js';
import { plainJson } from './plain-json.js';
import { Requeue, type Requeued } from './requeue.js';
import { few, type Sql } from './sql.js';
import { settling, type Transitions } from './transition.js';

const DUE: Requeued = {
  condition: () => `state IN ('WAITING_RETRY', 'SUSPENDED') AND next_attempt_at <= now()`,
  order: 'next_attempt_at',
};
/**
 * What a dispatcher that died has left, from the second time on within five seconds, each at a time of its own: what was under
 * way beside a delivery that ends its process would else be under way beside it again each time, and given up with it.
 */
const LEFT: Requeued = {
  condition: () => `state = 'DELIVERING' AND lease_until <= now()
    AND (attempts < 2 OR lease_until <= now() - abs(hashtext(id::text || epoch) % 5000) * interval '1 millisecond')`,
  order: 'lease_until',
};

const lookAgain = (since: string) => `UPDATE delivery SET next_attempt_at = now()
  WHERE message_id >= ${since} AND state = 'SUSPENDED' AND next_attempt_at > now() AND receiver_system <> ALL ($1::text[])`;

/** $1 how many. Who holds a delivery under a live lease may still end it: it is listed when the lease is over. */
const over = (since: string) =>
  few(`SELECT message_id AS "messageId", id, expires_at AS "expiresAt" FROM delivery
    WHERE message_id >= ${since} AND ended_at IS NULL AND expires_at <= now()
      AND NOT (state IN ('DELIVERING', 'AVAILABLE') AND lease_owner IS NOT NULL AND lease_until > now())
    ORDER BY expires_at LIMIT $1`);

/** Of questions that were asked between these ids. */
const unfinished = (from: string, to: string) =>
  `SELECT id FROM message WHERE profile = 'query' AND state = 'ACCEPTED' AND open = 0 AND id >= ${from} AND id < ${to} ORDER BY id LIMIT`;
const anyUnfinished = (from: string, to: string) => `${unfinished(from, to)} 1`;
/** $1 how many at most, $2 the fault. */
const endUnfinished = (from: string, to: string) => `
WITH unfinished AS (
  ${unfinished(from, to)} $1
), ended AS (
  UPDATE message m SET state = 'PARTIALLY_FAILED', failed = 1, fault = $2::jsonb
  FROM unfinished u WHERE m.id = u.id AND m.id >= ${from} AND m.id < ${to} AND m.state = 'ACCEPTED' RETURNING m.id, m.receiver
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, 'query.failed', now(), 'gateway', jsonb_build_object('receiver', receiver, 'fault', $2::jsonb) FROM ended
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT json_agg(written) AS events FROM written`;
/** Older than the longest deadline, and young enough to look through a few days only. */
const UNFINISHED_MS = [7 * 86_400_000, 900_000] as const;

const HOLD = `
INSERT INTO lease AS held (name, owner, until) VALUES ($1, $2, now() + $3::float8 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE held.owner = excluded.owner OR held.until <= now() RETURNING name`;

/** What time does to deliveries. */
export class LedgerSweeper implements Sweeper {
  private readonly due: Requeue;
  private readonly left: Requeue;
  private readonly listing: Listing;

  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
    private readonly transitions: Transitions,
    private readonly feed: LedgerFeed,
    private readonly floor: OpenFloor,
  ) {
    this.due = new Requeue(sql, floor, feed, DUE);
    this.left = new Requeue(sql, floor, feed, LEFT);
    this.listing = new Listing(sql);
  }

  requeueDue(limit: number): Promise<number> {
    return this.due.run(limit);
  }

  async lookAgain(except: readonly string[]): Promise<void> {
    await this.floor.query(lookAgain, [except]);
  }

  recoverLeases(limit: number): Promise<number> {
    return this.left.run(limit);
  }

  async expired(limit: number): Promise<readonly Listed[]> {
    const found = await this.floor.query<{ messageId: string; id: string }>(over, [limit]);
    const listed = await this.listing.of(found);
    return found.flatMap(({ id }) => listed.get(id) ?? []);
  }

  async expire(ref: DeliveryRef, settlement: Settlement): Promise<boolean> {
    const target = { id: ref.deliveryId, messageId: ref.messageId, epoch: ref.epoch, by: 'gateway' };
    const from = ['QUEUED', 'DELIVERING', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED'] as const;
    const outcome = await this.transitions.change(settling({ ...target, from, tried: 0 }, settlement));
    return outcome?.moved === true;
  }

  async endUnfinished(fault: FaultRecord, limit: number): Promise<number> {
    const [from, to] = UNFINISHED_MS.map((age) => inText(firstIdAt(Date.now() - age))) as [string, string];
    const isAny = (await this.sql.once(anyUnfinished(from, to), [])).length > 0;
    return isAny ? this.change(endUnfinished(from, to), limit, plainJson(fault)) : 0;
  }

  async preparePartitions(days: number, from = new Date()): Promise<void> {
    const runner = this.source.createQueryRunner();
    try {
      await createPartitions(runner, days, from);
    } catch (error) {
      throw storeFault(error);
    } finally {
      await runner.release();
    }
  }

  async holdLease(name: string, owner: string, ms: number): Promise<boolean> {
    return (await this.sql.query(HOLD, [name, owner, ms])).length === 1;
  }

  private async change(text: string, ...values: readonly unknown[]): Promise<number> {
    const [row] = await this.sql.once<{ events: JournalJson[] | null }>(text, values);
    this.feed.emit(row?.events ?? null);
    return row?.events?.length ?? 0;
  }
}
