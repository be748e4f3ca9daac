import type { Horizon, StatisticsLedger } from '../statistics/ports.js';
import { OfEachDay } from './each-day.js';
import type { OpenFloor } from './open-floor.js';
import { inText } from './partitions.js';
import type { Sql } from './sql.js';
import { AT_ONCE, deadOf, HEAD, RANGE, rollUp, sample, WRITERS } from './statistics-sql.js';

const MOVE = `UPDATE statistic_cursor SET seq = $2 WHERE name = 'journal' AND seq = $1`;

/** Statistics as rows of the ledger (ADR 0024). */
export class CountedLedger implements StatisticsLedger {
  private readonly dead: OfEachDay<DeadRow>;

  constructor(
    private readonly sql: Sql,
    private readonly floor: OpenFloor,
  ) {
    this.dead = new OfEachDay(sql, deadOf);
  }

  /** The head is read first: who has drawn a number at or before it is among the writers, or done. */
  async horizon(): Promise<Horizon> {
    const [head] = await this.sql.query<{ seq: string }>(HEAD);
    return { seq: Number(head?.seq ?? 0), writers: await this.writers() };
  }

  async areDone(writers: readonly string[]): Promise<boolean> {
    if (writers.length === 0) return true;
    const now = new Set(await this.writers());
    return !writers.some((writer) => now.has(writer));
  }

  async rollUp(seq: number): Promise<boolean> {
    const [cursor] = await this.sql.query<{ seq: string }>(`SELECT seq FROM statistic_cursor WHERE name = 'journal'`);
    const after = Number(cursor?.seq ?? seq);
    if (after >= seq) return false;
    const to = Math.min(seq, after + AT_ONCE);
    const [range] = await this.sql.query<{ from: string | null; to: string | null }>(RANGE, [after, to]);
    if (range?.from && range.to) await this.sql.once(rollUp(inText(range.from), inText(range.to)), [after, to]);
    else await this.sql.query(MOVE, [after, to]);
    return to < seq;
  }

  async sampleQueues(): Promise<void> {
    const dead = JSON.stringify(await this.dead.rows());
    await this.sql.once(sample(await this.floor.since()), [dead]);
  }

  async dropBefore(minutes: Date, hours: Date): Promise<void> {
    await this.sql.query(`DELETE FROM queue_sample WHERE at < $1`, [minutes]);
    await this.sql.query(`DELETE FROM statistic WHERE grain = 'minute' AND at < $1`, [minutes]);
    await this.sql.query(`DELETE FROM statistic WHERE grain = 'hour' AND at < $1`, [hours]);
  }

  private async writers(): Promise<string[]> {
    return (await this.sql.query<{ writer: string }>(WRITERS)).map(({ writer }) => writer);
  }
}

interface DeadRow {
  readonly system: string;
  readonly agreement: string;
  readonly dead: number;
  readonly dead_since: Date;
}
