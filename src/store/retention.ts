import type { DataSource, QueryRunner } from 'typeorm';
import type { KeptDay, PurgeOrder, RetentionStore } from '../retention/ports.js';
import { FORGET_ALLOWANCES } from './allowances.js';
import { SHRED } from './data-keys.js';
import { DAYS } from './each-day.js';
import { dropConversations, dropCorrections, dropJobs, dropLogIns } from './ended.js';
import { storeFault } from './faults.js';
import type { LedgerFeed } from './feed.js';
import { DAY_TABLES, dayRange } from './partitions.js';
import { Purge } from './purge.js';
import type { Sql } from './sql.js';

/** How long dropping a day may hold up who writes messages of today. */
const LOCK_TIMEOUT = '2s';
const FORGET = 10_000;

/** Contents and whole days that are over. */
export class LedgerRetention implements RetentionStore {
  private readonly purge: Purge;

  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
    feed: LedgerFeed,
  ) {
    this.purge = new Purge(sql, feed);
  }

  purgeContents(order: PurgeOrder) {
    return this.purge.run(order);
  }

  async dropEnded(before: Date) {
    await this.sql.query(FORGET_ALLOWANCES);
    await dropCorrections(this.sql, before);
    await dropLogIns(this.sql, before);
    const [jobs, conversations] = [await dropJobs(this.sql, before), await dropConversations(this.sql, before)];
    // It looks through the contents of all days.
    await this.sql.query(SHRED);
    return { jobs, conversations };
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
