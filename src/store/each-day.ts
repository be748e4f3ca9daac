import type { QueryResultRow } from 'pg';
import { tablesOf, type TableOf } from './day-statement.js';
import { isTableMissing, storeFault } from './faults.js';
import { seldom } from '../seldom.js';
import { dayRange } from './partitions.js';
import type { Sql } from './sql.js';

/** So many days in one statement: to plan it locks each of their tables, and of each its indexes. */
const AT_ONCE = 10;

/** What the table of no day takes lies in the default ones. */
export const NO_DAY = 'default';

/** Days that have tables, oldest first; `20261123`, UTC. */
export const DAYS = `SELECT right(c.relname, 8) AS day FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'message'::regclass AND c.relname ~ '^message_[0-9]{8}$' ORDER BY 1`;

/** Throws Fault store-unavailable. */
export async function daysOf(sql: Pick<Sql, 'query'>): Promise<readonly string[]> {
  return (await sql.query<{ day: string }>(DAYS)).map(({ day }) => day);
}

/**
 * A query over each of these days, a few of them a statement and the rows of one at a time: over all days at once it would lock the tables
 * of all of them. Throws Fault store-unavailable.
 */
async function* eachDay<T extends QueryResultRow>(
  sql: Pick<Sql, 'run'>,
  days: readonly string[],
  write: (tableOf: TableOf, day: string) => string,
): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < days.length; at += AT_ONCE) yield await rowsOf<T>(sql, days.slice(at, at + AT_ONCE), write);
}

/** Of messages older than this little changes. */
const YOUNG_MS = 3 * 86_400_000;
/** How long what was found of them holds. */
const OLDER_MS = 60_000;

/** A query over the default tables and those of every day: those of older days are looked through once a minute. */
export class OfEachDay<T extends QueryResultRow> {
  private readonly older: () => Promise<{ readonly before: string; readonly rows: readonly T[] }>;

  constructor(
    private readonly sql: Sql,
    private readonly write: (tableOf: TableOf) => string,
  ) {
    this.older = seldom(OLDER_MS, async () => {
      const before = dayRange(new Date(Date.now() - YOUNG_MS)).name;
      return { before, rows: await this.over((await daysOf(sql)).filter((day) => day < before)) };
    });
  }

  /** Throws Fault store-unavailable. */
  async rows(): Promise<readonly T[]> {
    const { before, rows } = await this.older();
    const young = (await daysOf(this.sql)).filter((day) => day >= before);
    return [...rows, ...(await this.over([NO_DAY, ...young]))];
  }

  private async over(days: readonly string[]): Promise<readonly T[]> {
    const all: T[] = [];
    for await (const rows of eachDay<T>(this.sql, days, this.write)) all.push(...rows);
    return all;
  }
}

/** The first of these days of which the query has a row, in their order; null: none. Throws Fault store-unavailable. */
export async function firstDay(
  sql: Pick<Sql, 'run'>,
  days: readonly string[],
  write: (tableOf: TableOf) => string,
): Promise<string | null> {
  const named = (tableOf: TableOf, day: string) => `SELECT '${day}' AS day WHERE EXISTS (${write(tableOf)})`;
  for await (const rows of eachDay<{ day: string }>(sql, days, named)) {
    const found = new Set(rows.map(({ day }) => day));
    const first = days.find((day) => found.has(day));
    if (first !== undefined) return first;
  }
  return null;
}

async function rowsOf<T extends QueryResultRow>(
  sql: Pick<Sql, 'run'>,
  days: readonly string[],
  write: (tableOf: TableOf, day: string) => string,
): Promise<readonly T[]> {
  try {
    const text = days.map((day) => `(${write(tablesOf(day), day)})`).join(' UNION ALL ');
    return await sql.run<T>(text, [], false);
  } catch (error) {
    if (!isTableMissing(error)) throw storeFault(error);
    // A day was dropped meanwhile.
    if (days.length === 1) return [];
    const left: T[] = [];
    for (const day of days) left.push(...(await rowsOf<T>(sql, [day], write)));
    return left;
  }
}
