import { performance } from 'node:perf_hooks';
import { dayRange } from './partitions.js';
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

/** $1 first ids of days, $2 those of the days after. The order keeps each look on the index of what is open. */
const OLDEST = `
SELECT day.first FROM unnest($1::uuid[], $2::uuid[]) AS day(first, next) CROSS JOIN LATERAL (
  SELECT FROM delivery d WHERE d.ended_at IS NULL AND d.message_id >= day.first AND d.message_id < day.next
  ORDER BY d.expires_at LIMIT 1
) open ORDER BY day.first LIMIT 1`;

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

  constructor(private readonly sql: Pick<Sql, 'query'>) {}

  /** Throws Fault store-unavailable. */
  async id(): Promise<string> {
    if (performance.now() - this.lookedAt > HOLDS_MS)
      await (this.looking ??= this.look().finally(() => (this.looking = null)));
    return this.floor;
  }

  /** A delivery of this message that had ended is open again. */
  reopened(messageId: string): void {
    this.reopenedFrom = least(this.reopenedFrom, messageId);
    this.floor = least(this.floor, messageId);
  }

  private async look(): Promise<void> {
    [this.lookedAt, this.reopenedFrom] = [performance.now(), LAST];
    const [seen] = await this.sql.query<{ now: Date; days: string[]; isAstray: boolean }>(DAYS);
    if (!seen) return;
    const young = dayRange(new Date(seen.now.getTime() - YOUNG_DAYS * DAY_MS)).from;
    const old = seen.days.map(rangeOf).filter(({ from }) => from < young);
    const firsts = [old.map(({ from }) => from), old.map(({ to }) => to)];
    const [oldest] = old.length > 0 ? await this.sql.query<{ first: string }>(OLDEST, firsts) : [];
    this.floor = seen.isAstray ? NIL : least(oldest?.first ?? young, this.reopenedFrom);
  }
}

const rangeOf = (day: string) => dayRange(new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`));

const least = (one: string, other: string) => (one < other ? one : other);
