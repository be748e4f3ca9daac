import { performance } from 'node:perf_hooks';
import type { QueryResultRow } from 'pg';
import { timeOf } from '../new-id.js';
import { dayRange, rangeOf } from './partitions.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;
/** Younger days are always looked through. */
const YOUNG_DAYS = 3;
/** How long one look holds: another node may have sent an old message anew meanwhile. */
const HOLDS_MS = 30_000;

const NIL = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** By the clock of the database: this node's may be another one. */
const DAYS = `
SELECT now(), ARRAY(
  SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'delivery'::regclass AND c.relname ~ '^delivery_[0-9]{8}$'
) AS days, EXISTS (SELECT FROM delivery_default WHERE ended_at IS NULL) AS "isAstray"`;

/** So many in one statement: to plan it locks each of their tables, and of each its indexes. */
const AT_ONCE = 10;
const openOf = (days: readonly string[]) =>
  days
    .map((day) => `SELECT '${day}' AS day WHERE EXISTS (SELECT FROM delivery_${day} WHERE ended_at IS NULL)`)
    .join(' UNION ALL ');

/**
 * The first message of the oldest day with an open delivery. What looks for open deliveries names it, so that PostgreSQL leaves the
 * tables of older days alone; two years have 730.
 */
export class OpenFloor {
  private floor = NIL;
  private lookedAt = -Infinity;
  private looking: Promise<void> | null = null;
  /** Of what was sent anew since the last look began. */
  private reopenedFrom = LAST;

  constructor(private readonly sql: Pick<Sql, 'query' | 'once'>) {}

  /**
   * A query over all days but those before the floor, which `write` has it begin at. The id stands in the text: a plan for any id would
   * lock the tables of all days. Throws Fault store-unavailable.
   */
  async query<T extends QueryResultRow>(write: (since: string) => string, values: readonly unknown[]): Promise<T[]> {
    return this.sql.query<T>(write(await this.since()), values);
  }

  /** The floor as SQL writes it. Throws Fault store-unavailable. */
  async since(): Promise<string> {
    if (performance.now() - this.lookedAt > HOLDS_MS)
      await (this.looking ??= this.look().finally(() => (this.looking = null)));
    return `'${this.floor}'::uuid`;
  }

  /** A delivery of this message that had ended is open again. */
  reopened(messageId: string): void {
    const ms = timeOf(messageId);
    const day = ms < Date.now() ? dayRange(new Date(ms)).from : LAST;
    this.reopenedFrom = least(this.reopenedFrom, day);
    this.floor = least(this.floor, day);
  }

  private async look(): Promise<void> {
    this.reopenedFrom = LAST;
    const [seen] = await this.sql.query<{ now: Date; days: string[]; isAstray: boolean }>(DAYS);
    if (!seen) return;
    const young = dayRange(new Date(seen.now.getTime() - YOUNG_DAYS * DAY_MS));
    const oldest = seen.isAstray ? null : await this.oldestOpen(seen.days.filter((day) => day < young.name).sort());
    this.floor = seen.isAstray ? NIL : least(oldest === null ? young.from : rangeOf(oldest).from, this.reopenedFrom);
    this.lookedAt = performance.now();
  }

  /** Of the days, oldest first. */
  private async oldestOpen(days: readonly string[]): Promise<string | null> {
    for (let at = 0; at < days.length; at += AT_ONCE) {
      const open = await this.sql.once<{ day: string }>(openOf(days.slice(at, at + AT_ONCE)), []);
      if (open.length > 0) return open.map(({ day }) => day).sort()[0]!;
    }
    return null;
  }
}

const least = (one: string, other: string) => (one < other ? one : other);
