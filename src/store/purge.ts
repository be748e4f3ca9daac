import type { PurgeOrder } from '../retention/ports.js';
import { DayStatement, type TableOf } from './day-statement.js';
import { daysOf, firstDay, NO_DAY } from './each-day.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { firstIdAt, NIL, rangeOf } from './partitions.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;

/**
 * $1 how many, $2 rules (JSON), $3 days without one, $4 after which id, $5 before which id, of one day. A rule is for both ways between its
 * bodies; the longest of those that fit the message's deliveries, or the question, counts.
 */
const purge = (tableOf: TableOf) => `
WITH rule AS MATERIALIZED (
  SELECT * FROM json_to_recordset($2::json) AS r(consumer text, provider text, service text, version int, days float8)
), looked AS MATERIALIZED (
  SELECT p.message_id FROM ${tableOf('payload')} p WHERE (p.content IS NOT NULL OR p.stored IS NOT NULL)
    AND p.message_id > $4 AND p.message_id < $5 ORDER BY p.message_id LIMIT $1
), party AS (
  SELECT m.id, m.accepted_at, m.service, m.version, m.sender_participant AS one, coalesce(d.receiver_participant, m.receiver) AS other
  FROM looked l JOIN ${tableOf('message')} m ON m.id = l.message_id
  LEFT JOIN ${tableOf('delivery')} d ON d.message_id = m.id AND d.kind = 'message'
  WHERE m.open = 0 AND m.state <> 'ACCEPTED'
), due AS (
  SELECT p.id FROM party p LEFT JOIN rule r ON r.service = p.service AND r.version = p.version
    AND ((r.consumer = p.one AND r.provider = p.other) OR (r.consumer = p.other AND r.provider = p.one))
  GROUP BY p.id, p.accepted_at
  HAVING p.accepted_at <= now() - max(coalesce(r.days, $3)) * interval '1 day'
), held AS MATERIALIZED (
  SELECT m.id FROM ${tableOf('message')} m JOIN due ON due.id = m.id
  WHERE m.open = 0 ORDER BY m.id FOR UPDATE OF m SKIP LOCKED
), purged AS (
  UPDATE ${tableOf('payload')} p SET content = NULL, stored = NULL, sealed = NULL FROM held h
  WHERE p.message_id = h.id RETURNING p.message_id
), forgotten AS (
  DELETE FROM ${tableOf('business_key')} k USING held h WHERE k.message_id = h.id AND NOT k.hashed
), freed AS (
  UPDATE payload_object o SET message_id = NULL, leased_until = now() FROM held h WHERE o.message_id = h.id
), answers AS (
  UPDATE ${tableOf('attempt')} a SET response = NULL FROM held h WHERE a.message_id = h.id AND a.response IS NOT NULL
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT message_id, 'message.purged', now(), 'gateway', '{}' FROM purged ORDER BY message_id RETURNING ${JOURNAL_COLUMNS}
)
SELECT (SELECT count(*)::int FROM looked) AS looked, (SELECT max(message_id::text) FROM looked) AS last,
  (SELECT json_agg(written ORDER BY seq) FROM written) AS events`;

/** Of most days nothing is. */
const kept = (tableOf: TableOf) => `SELECT FROM ${tableOf('payload')} WHERE content IS NOT NULL OR stored IS NOT NULL`;

interface Page {
  readonly looked: number;
  readonly last: string | null;
  readonly events: JournalJson[] | null;
}

/** Of a day that was dropped meanwhile. */
const NOTHING: Page = { looked: 0, last: null, events: null };

/** Contents that nobody may see any more, a day at a time; an order goes on in the day of the message that it names. */
export class Purge {
  private readonly statement: DayStatement;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    this.statement = new DayStatement(sql, purge);
  }

  /** See RetentionStore. Throws Fault store-unavailable. */
  async run({
    days,
    rules,
    after,
    limit,
  }: PurgeOrder): Promise<{ readonly purged: number; readonly last: string | null }> {
    const before = firstIdAt(Date.now() - Math.min(days, ...rules.map((rule) => rule.days)) * DAY_MS);
    const page = (day: string, from: string) => this.page(day, [limit, plainJson(rules), days, from, before]);
    const astray = after === null ? await this.all(page) : 0;
    const from = after ?? NIL;
    const left = (await daysOf(this.sql)).filter((one) => rangeOf(one).to > from && rangeOf(one).from < before);
    const day = await firstDay(this.sql, left, kept);
    if (day === null) return { purged: astray, last: null };
    const { looked, last, events } = await page(day, from);
    return { purged: astray + (events?.length ?? 0), last: looked === limit ? last : rangeOf(day).to };
  }

  /** In the default tables. */
  private async all(page: (day: string, from: string) => Promise<Page>): Promise<number> {
    let purged = 0;
    for (let from: string | null = NIL; from !== null;) {
      const { last, events }: Page = await page(NO_DAY, from);
      purged += events?.length ?? 0;
      from = last;
    }
    return purged;
  }

  private async page(day: string, values: readonly unknown[]): Promise<Page> {
    const [row] = (await this.statement.queryOnly<Page>(day, values)) ?? [];
    this.feed.emit(row?.events ?? null);
    return row ?? NOTHING;
  }
}
