import type { QueryRunner } from 'typeorm';
import { timeOf } from '../new-id.js';

/** The tables whose rows belong to one message; a day of each is one range of UUIDv7 message ids (ADR 0001). */
const PARTITIONED: readonly (readonly [table: string, key: string])[] = [
  ['message', 'id'],
  ['payload', 'message_id'],
  ['delivery', 'message_id'],
  ['attempt', 'message_id'],
  ['journal', 'message_id'],
  ['business_key', 'message_id'],
];

export const DAY_TABLES = PARTITIONED.map(([table]) => table);

const DAY_MS = 86_400_000;

export interface DayRange {
  /** `20261123`, UTC. */
  readonly name: string;
  /** First possible message id of the day. */
  readonly from: string;
  /** First possible message id of the next day. */
  readonly to: string;
}

export function dayRange(moment: Date): DayRange {
  const start = Math.floor(moment.getTime() / DAY_MS) * DAY_MS;
  const name = new Date(start).toISOString().slice(0, 10).replaceAll('-', '');
  return { name, from: firstIdAt(start), to: firstIdAt(start + DAY_MS) };
}

/** Beyond it a year has more than four digits. */
const LAST_MS = Date.UTC(10_000, 0);

/** Names the day of a message by its id; null where no table can be of that day. */
export function dayOf(messageId: string): string | null {
  const ms = timeOf(messageId);
  return ms < LAST_MS ? dayRange(new Date(ms)).name : null;
}

/** As `dayRange`, of a day's name. */
export const rangeOf = (day: string): DayRange =>
  dayRange(new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`));

/** Smallest UUID whose 48 leading bits are this time (RFC 9562 §5.7). */
export function firstIdAt(milliseconds: number): string {
  const hex = milliseconds.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Before all ids, and after them. */
export const NIL = '00000000-0000-0000-0000-000000000000';
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** An id of the gateway in the text of a statement: PostgreSQL plans it without the tables of other days. */
export const inText = (id: string): string => `'${id}'::uuid`;

/** Creates the missing partitions from today to `days` ahead, each in a short transaction of its own. */
export async function createPartitions(runner: QueryRunner, days: number, now = new Date()): Promise<void> {
  for (let day = 0; day <= days; day++) {
    const range = dayRange(new Date(now.getTime() + day * DAY_MS));
    for (const [table, key] of PARTITIONED) await createPartition(runner, table, key, range);
  }
}

/** Rows of the day that waited in the default partition move along; attaching does not stop writers of other days. */
async function createPartition(runner: QueryRunner, table: string, key: string, range: DayRange): Promise<void> {
  const name = `${table}_${range.name}`;
  const rows = (await runner.query(`SELECT to_regclass($1) IS NOT NULL AS present`, [name])) as { present: boolean }[];
  if (rows[0]?.present === true) return;
  await runner.startTransaction();
  try {
    await runner.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL)`);
    await runner.query(`LOCK TABLE ${table}_default IN ACCESS EXCLUSIVE MODE`);
    await runner.query(
      `WITH moved AS (DELETE FROM ${table}_default WHERE ${key} >= '${range.from}' AND ${key} < '${range.to}' RETURNING *)
       INSERT INTO ${name} SELECT * FROM moved`,
    );
    await runner.query(
      `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${range.from}') TO ('${range.to}')`,
    );
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}
