import { byDay, DayStatement, keysOf, lockedByKey, type TableOf } from './day-statement.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import type { OpenFloor } from './open-floor.js';
import { few, type Sql } from './sql.js';

/** Which deliveries go back, and in which order. `more`: the number of the first value of its own. */
export interface Requeued {
  readonly condition: (more: number) => string;
  readonly order: string;
}

const look =
  ({ condition, order }: Requeued) =>
  (since: string) =>
    few(`SELECT message_id AS "messageId", id FROM delivery WHERE message_id >= ${since} AND ${condition(2)}
      ORDER BY ${order} LIMIT $1`);

const change =
  ({ condition }: Requeued) =>
  (tableOf: TableOf) => `${lockedByKey(tableOf)}, chosen AS MATERIALIZED (
  SELECT message_id, id, state FROM found WHERE ${condition(3)}
), moved AS (
  UPDATE ${tableOf('delivery')} d SET state = 'QUEUED', epoch = d.epoch + 1, next_attempt_at = NULL, lease_owner = NULL,
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

/** Back to QUEUED under a new epoch, unpublished, with a history row. Rows that someone else is changing are left to them. */
export class Requeue {
  private readonly look: (since: string) => string;
  private readonly change: DayStatement;

  constructor(
    sql: Sql,
    private readonly floor: OpenFloor,
    private readonly feed: LedgerFeed,
    which: Requeued,
  ) {
    this.look = look(which);
    this.change = new DayStatement(sql, change(which));
  }

  /** At most `limit`; returns how many. Throws Fault store-unavailable. */
  async run(limit: number, ...more: readonly unknown[]): Promise<number> {
    for (let count = 0; ;) {
      const left = limit - count;
      const found = await this.floor.query<Found>(this.look, [left, ...more]);
      const changed = await this.changeAll(found, more);
      count += changed;
      if (count === limit || changed === 0 || found.length < left) return count;
    }
  }

  private async changeAll(found: readonly Found[], more: readonly unknown[]): Promise<number> {
    let count = 0;
    for (const [day, ofDay] of byDay(found)) {
      const [row] = await this.change.query<{ events: JournalJson[] | null }>(day, [...keysOf(ofDay), ...more]);
      this.feed.emit(row?.events ?? null);
      count += row?.events?.length ?? 0;
    }
    return count;
  }
}

interface Found {
  readonly messageId: string;
  readonly id: string;
}
