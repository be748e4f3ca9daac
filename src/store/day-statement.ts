import { LRUCache } from 'lru-cache';
import type { QueryResultRow } from 'pg';
import { isTableMissing, storeFault } from './faults.js';
import { dayOf, dayRange } from './partitions.js';
import type { Sql } from './sql.js';

/** The table that holds a day's rows of one of the DAY_TABLES, or that of all days. */
export type TableOf = (table: string) => string;

const DAY_MS = 86_400_000;
const ALL_DAYS: TableOf = (table) => table;
/** `20261123`, UTC. */
export const tablesOf =
  (day: string): TableOf =>
  (table) =>
    `${table}_${day}`;

/**
 * A statement over the tables of one day. Over those of all days it would open each of them, and lock it, every time it runs: after two
 * years that costs many times what it does (bench: `years`). Only those of recent days are prepared: a connection keeps what is.
 */
export class DayStatement {
  private readonly texts = new LRUCache<string, string>({ max: 4 });
  private readonly anyDay: string;

  constructor(
    private readonly sql: Pick<Sql, 'run'>,
    private readonly write: (tableOf: TableOf, day: string | null) => string,
  ) {
    this.anyDay = write(ALL_DAYS, null);
  }

  /** `day`: of every message in the values, as `dayOf` names it. Rows of a day that has no tables lie in the default ones. */
  async run<T extends QueryResultRow>(day: string | null, values: readonly unknown[]): Promise<T[]> {
    if (day === null) return this.sql.run<T>(this.anyDay, values);
    try {
      return await this.sql.run<T>(this.textOf(day), values, isRecent(day));
    } catch (error) {
      if (!isTableMissing(error)) throw error;
      return this.sql.run<T>(this.anyDay, values);
    }
  }

  /** The same; throws Fault store-unavailable, or internal. */
  async query<T extends QueryResultRow>(day: string | null, values: readonly unknown[]): Promise<T[]> {
    return this.run<T>(day, values).catch((error: unknown) => Promise.reject(storeFault(error)));
  }

  /** The same, of nothing but the tables of that day: null where it has none. */
  async queryOnly<T extends QueryResultRow>(day: string | null, values: readonly unknown[]): Promise<T[] | null> {
    if (day === null) return null;
    return this.sql.run<T>(this.textOf(day), values, isRecent(day)).catch((error: unknown) => {
      if (isTableMissing(error)) return null;
      throw storeFault(error);
    });
  }

  private textOf(day: string): string {
    const text = this.texts.get(day) ?? this.write(tablesOf(day), day);
    this.texts.set(day, text);
    return text;
  }
}

const isRecent = (day: string): boolean => day >= dayRange(new Date(Date.now() - DAY_MS)).name;

/** Each day with its rows, in their order. */
export function byDay<T extends { readonly messageId: string }>(rows: readonly T[]): ReadonlyMap<string | null, T[]> {
  const days = new Map<string | null, T[]>();
  for (const row of rows) {
    const day = dayOf(row.messageId);
    const own = days.get(day);
    if (own) own.push(row);
    else days.set(day, [row]);
  }
  return days;
}

/** As two arrays: messages, and deliveries of them. */
export const keysOf = (rows: readonly { readonly messageId: string; readonly id: string | null }[]) => [
  rows.map(({ messageId }) => messageId),
  rows.map(({ id }) => id),
];

/**
 * Begins a statement with `found`: the deliveries of $1 (messages) and $2 (their deliveries) that nobody else is changing, in the order of
 * their ids, locked. By their keys alone: with what else must hold PostgreSQL may take an index of all that waits, once for each row.
 */
export const lockedByKey = (tableOf: TableOf): string => `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS i(message_id, id)
), found AS MATERIALIZED (
  SELECT d.* FROM (SELECT * FROM input ORDER BY message_id, id) i CROSS JOIN LATERAL (
    SELECT * FROM ${tableOf('delivery')} d WHERE d.message_id = i.message_id AND d.id = i.id FOR UPDATE SKIP LOCKED
  ) d
)`;
