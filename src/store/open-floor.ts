import { performance } from 'node:perf_hooks';
import type { QueryResultRow } from 'pg';
import { timeOf } from '../new-id.js';
import type { TableOf } from './day-statement.js';
import { daysOf, firstDay } from './each-day.js';
import { dayRange, inText, LAST_ID, NIL, rangeOf } from './partitions.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;
/** Younger days are always looked through. */
const YOUNG_DAYS = 3;
/** How long one look holds: another node may have sent an old message anew meanwhile. */
const HOLDS_MS = 30_000;

/** By the clock of the database: this node's may be another one. */
const LOOK = `SELECT now(), EXISTS (SELECT FROM delivery_default WHERE ended_at IS NULL) AS "isAstray"`;
const open = (tableOf: TableOf) => `SELECT FROM ${tableOf('delivery')} WHERE ended_at IS NULL`;

/**
 * The first message of the oldest day with an open delivery. What looks for open deliveries names it, so that PostgreSQL leaves the
 * tables of older days alone; two years have 730.
 */
export class OpenFloor {
  private floor = NIL;
  private lookedAt = -Infinity;
  private looking: Promise<void> | null = null;
  /** Of what was sent anew since the last look began. */
  private reopenedFrom = LAST_ID;

  constructor(private readonly sql: Pick<Sql, 'query' | 'run'>) {}

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
    return inText(this.floor);
  }

  /** A delivery of this message that had ended is open again. */
  reopened(messageId: string): void {
    const ms = timeOf(messageId);
    const day = ms < Date.now() ? dayRange(new Date(ms)).from : LAST_ID;
    this.reopenedFrom = least(this.reopenedFrom, day);
    this.floor = least(this.floor, day);
  }

  private async look(): Promise<void> {
    this.reopenedFrom = LAST_ID;
    const [seen] = await this.sql.query<{ now: Date; isAstray: boolean }>(LOOK);
    if (!seen) return;
    const young = dayRange(new Date(seen.now.getTime() - YOUNG_DAYS * DAY_MS));
    const days = (await daysOf(this.sql)).filter((day) => day < young.name);
    const oldest = seen.isAstray ? null : await firstDay(this.sql, days, open);
    this.floor = seen.isAstray ? NIL : least(oldest === null ? young.from : rangeOf(oldest).from, this.reopenedFrom);
    this.lookedAt = performance.now();
  }
}

const least = (one: string, other: string) => (one < other ? one : other);
