import type { DataSource, QueryRunner } from 'typeorm';
import type { KeptDay, PurgeOrder, RetentionStore } from '../retention/ports.js';
import { FORGET_ALLOWANCES } from './allowances.js';
import { SHRED } from './data-keys.js';
import { dropConversations, dropCorrections, dropJobs, dropLogIns } from './ended.js';
import { storeFault } from './faults.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { DAY_TABLES, dayRange, firstIdAt } from './partitions.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;

/**
 * $1 rules (JSON), $2 days without one, $3 after which id, $4 before which id, $5 how many. A rule is for both ways between its bodies; the
 * longest of those that fit the message's deliveries, or the question, counts.
 */
const PURGE = `
WITH rule AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS r(consumer text, provider text, service text, version int, days float8)
), looked AS MATERIALIZED (
  SELECT p.message_id FROM payload p WHERE (p.content IS NOT NULL OR p.stored IS NOT NULL) AND p.message_id > $3 AND p.message_id < $4
  ORDER BY p.message_id LIMIT $5
), party AS (
  SELECT m.id, m.accepted_at, m.service, m.version, m.sender_participant AS one, coalesce(d.receiver_participant, m.receiver) AS other
  FROM looked l JOIN message m ON m.id = l.message_id
  LEFT JOIN delivery d ON d.message_id = m.id AND d.kind = 'message'
  WHERE m.id > $3 AND m.id < $4 AND (d.id IS NULL OR d.message_id > $3 AND d.message_id < $4)
    AND m.open = 0 AND m.state <> 'ACCEPTED'
), due AS (
  SELECT p.id FROM party p LEFT JOIN rule r ON r.service = p.service AND r.version = p.version
    AND ((r.consumer = p.one AND r.provider = p.other) OR (r.consumer = p.other AND r.provider = p.one))
  GROUP BY p.id, p.accepted_at
  HAVING p.accepted_at <= now() - max(coalesce(r.days, $2)) * interval '1 day'
), held AS MATERIALIZED (
  SELECT m.id FROM message m JOIN due ON due.id = m.id
  WHERE m.id > $3 AND m.id < $4 AND m.open = 0 ORDER BY m.id FOR UPDATE OF m SKIP LOCKED
), purged AS (
  UPDATE payload p SET content = NULL, stored = NULL, sealed = NULL FROM held h
  WHERE p.message_id = h.id AND p.message_id > $3 AND p.message_id < $4 RETURNING p.message_id
), forgotten AS (
  DELETE FROM business_key k USING held h
  WHERE k.message_id = h.id AND k.message_id > $3 AND k.message_id < $4 AND NOT k.hashed
), freed AS (
  UPDATE payload_object o SET message_id = NULL, leased_until = now() FROM held h WHERE o.message_id = h.id
), answers AS (
  UPDATE attempt a SET response = NULL FROM held h
  WHERE a.message_id = h.id AND a.message_id > $3 AND a.message_id < $4 AND a.response IS NOT NULL
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT message_id, 'message.purged', now(), 'gateway', '{}' FROM purged ORDER BY message_id RETURNING ${JOURNAL_COLUMNS}
)
SELECT (SELECT count(*)::int FROM looked) AS looked, (SELECT max(message_id::text) FROM looked) AS last,
  (SELECT json_agg(written ORDER BY seq) FROM written) AS events`;

const NIL = '00000000-0000-0000-0000-000000000000';

/** Days that are attached, oldest first. */
const DAYS = `SELECT right(c.relname, 8) AS day FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'message'::regclass AND c.relname ~ '^message_[0-9]{8}$' ORDER BY 1`;

/** How long dropping a day may hold up who writes messages of today. */
const LOCK_TIMEOUT = '2s';
const FORGET = 10_000;

/** Contents and whole days that are over. */
export class LedgerRetention implements RetentionStore {
  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
  ) {}

  async purgeContents({ days, rules, after, limit }: PurgeOrder) {
    const least = Math.min(days, ...rules.map((rule) => rule.days));
    const before = firstIdAt(Date.now() - least * DAY_MS);
    const [row] = await this.sql.query<{ looked: number; last: string | null; events: JournalJson[] | null }>(PURGE, [
      plainJson(rules),
      days,
      after ?? NIL,
      before,
      limit,
    ]);
    this.feed.emit(row?.events ?? null);
    return { purged: row?.events?.length ?? 0, last: row?.looked === limit ? row.last : null };
  }

  async dropEnded(before: Date) {
    await this.sql.query(FORGET_ALLOWANCES);
    await dropCorrections(this.sql, before);
    await this.sql.query(SHRED);
    await dropLogIns(this.sql, before);
    return { jobs: await dropJobs(this.sql, before), conversations: await dropConversations(this.sql, before) };
  }

  async dropDays(before: Date) {
    const runner = this.source.createQueryRunner();
    const dropped: string[] = [];
    const kept: KeptDay[] = [];
    try {
      const days = (await runner.query(DAYS)) as { day: string }[];
      for (const { day } of days.filter((one) => one.day < dayRange(before).name)) {
        const open = await dropDay(runner, day);
        if (open === 0) dropped.push(day);
        else kept.push({ day, open });
      }
      return { dropped, kept };
    } catch (error) {
      throw storeFault(error);
    } finally {
      await runner.release();
    }
  }
}

/** Returns how much is open, and drops the day where nothing is: who would open something waits for the lock, and finds nothing. */
async function dropDay(runner: QueryRunner, day: string): Promise<number> {
  const looked = await openIn(runner, day);
  if (looked > 0) return looked;
  while ((await forgetKeys(runner, day)) === FORGET);
  await runner.startTransaction();
  try {
    await runner.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await runner.query(`LOCK TABLE delivery_${day}, message_${day} IN ACCESS EXCLUSIVE MODE`);
    const open = await openIn(runner, day);
    if (open === 0) await runner.query(freeObjects(day));
    if (open === 0) await runner.query(`DROP TABLE ${DAY_TABLES.map((table) => `${table}_${day}`).join(', ')}`);
    await runner.commitTransaction();
    return open;
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}

/** Large contents that a message no longer holds are removed by the sweep of uploads. */
const freeObjects = (day: string) =>
  `UPDATE payload_object o SET message_id = NULL, leased_until = now() FROM message_${day} m WHERE o.message_id = m.id`;

async function openIn(runner: QueryRunner, day: string): Promise<number> {
  const rows = (await runner.query(
    `SELECT (SELECT count(*) FROM delivery_${day} WHERE ended_at IS NULL) +
       (SELECT count(*) FROM message_${day} WHERE state = 'ACCEPTED' AND open = 0) AS open`,
  )) as { open: string }[];
  return Number(rows[0]?.open ?? 0);
}

/** The keys by which repetitions are known go with their messages. */
async function forgetKeys(runner: QueryRunner, day: string): Promise<number> {
  const [, count] = (await runner.query(
    `DELETE FROM idempotency k USING (
       SELECT i.sender_system, i.message_id FROM message_${day} m
       JOIN idempotency i ON i.sender_system = m.sender_system AND i.message_id = m.message_id AND i.id = m.id LIMIT ${FORGET}
     ) old WHERE k.sender_system = old.sender_system AND k.message_id = old.message_id`,
  )) as [unknown, number];
  return count;
}
