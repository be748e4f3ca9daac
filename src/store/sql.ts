import { LRUCache } from 'lru-cache';
import type { Pool, QueryResultRow } from 'pg';
import { isConflict, storeFault } from './faults.js';

const RUNS = 5;

/** More than there are texts: those of a day are not needed for long. */
const names = new LRUCache<string, string>({ max: 1_000 });
let named = 0;

/** Statements are prepared once a connection: planning them over the partitions costs more than running them. */
function nameOf(text: string): string {
  const name = names.get(text) ?? `crocevia-${++named}`;
  names.set(text, name);
  return name;
}

/** More rows than any statement on the path takes at once. */
const AT_MOST = 1_000;

/**
 * The rows of a query that ends in a LIMIT whose number is a parameter. Of such a number the planner knows nothing, supposes a tenth of
 * all, and would read a whole table to change a few of its rows; one that it can read keeps it on the index.
 */
export const few = (rows: string): string => `SELECT * FROM (${rows}) few LIMIT ${AT_MOST}`;

/** Plain SQL: one statement is one transaction. */
export interface Sql {
  /** `isKept`: prepared. Throws what the driver threw: the caller decides whether it is the data's fault. */
  run<T extends QueryResultRow>(text: string, values: readonly unknown[], isKept?: boolean): Promise<T[]>;
  /** Throws Fault store-unavailable, or internal. */
  query<T extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** The same, planned for these values and not kept: for texts of many forms. */
  once<T extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<T[]>;
}

export function sqlOver(pool: Pool): Sql {
  const run = async <T extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    isKept = true,
  ): Promise<T[]> => {
    const query = { text, values: values as unknown[], ...(isKept && { name: nameOf(text) }) };
    for (let left = RUNS; ; left--) {
      try {
        return (await pool.query<T>(query)).rows;
      } catch (error) {
        if (!isConflict(error) || left === 1) throw error;
      }
    }
  };
  return {
    run,
    query: async <T extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
      try {
        return await run<T>(text, values);
      } catch (error) {
        throw storeFault(error);
      }
    },
    once: async <T extends QueryResultRow>(text: string, values: readonly unknown[]) => {
      try {
        return await run<T>(text, values, false);
      } catch (error) {
        throw storeFault(error);
      }
    },
  };
}
