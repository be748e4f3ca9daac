import type { ScheduleStore } from '../reports/ports.js';
import type { ReportSchedule } from '../reports/schedule.js';
import type { Sql } from './sql.js';

const COLUMNS = `id, kind, by, format, every, "to", owner, next_at AS "nextAt", sent_at AS "sentAt", error`;

/** $9 how many an operator may have. Two at once may both find room; they are few. */
const ADD = `
INSERT INTO report_schedule (id, kind, by, format, every, "to", owner, next_at)
SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text[], $7::text, $8::timestamptz
WHERE (SELECT count(*) FROM report_schedule WHERE owner = $7) < $9::int RETURNING id`;

const DUE = `
SELECT ${COLUMNS} FROM report_schedule
WHERE next_at <= now() AND (tried_at IS NULL OR tried_at <= now() - $1::float8 * interval '1 millisecond') ORDER BY next_at LIMIT $2`;

const SENT = `UPDATE report_schedule SET next_at = $2, sent_at = now(), tried_at = NULL, error = NULL WHERE id = $1`;

export class StoredSchedules implements ScheduleStore {
  constructor(private readonly sql: Sql) {}

  list(owner: string | null): Promise<readonly ReportSchedule[]> {
    const text = `SELECT ${COLUMNS} FROM report_schedule WHERE $1::text IS NULL OR owner = $1 ORDER BY id`;
    return this.sql.query<ReportSchedule>(text, [owner]);
  }

  async find(id: string): Promise<ReportSchedule | null> {
    const text = `SELECT ${COLUMNS} FROM report_schedule WHERE id = $1`;
    return (await this.sql.query<ReportSchedule>(text, [id]))[0] ?? null;
  }

  async add(schedule: ReportSchedule, most: number): Promise<boolean> {
    const { id, kind, by, format, every, to, owner, nextAt } = schedule;
    return (await this.sql.query(ADD, [id, kind, by, format, every, to, owner, nextAt, most])).length === 1;
  }

  async remove(id: string): Promise<void> {
    await this.sql.query(`DELETE FROM report_schedule WHERE id = $1`, [id]);
  }

  due(retryMs: number, limit: number): Promise<readonly ReportSchedule[]> {
    return this.sql.query<ReportSchedule>(DUE, [retryMs, limit]);
  }

  async sent(id: string, nextAt: Date): Promise<void> {
    await this.sql.query(SENT, [id, nextAt]);
  }

  async failed(id: string, error: string): Promise<void> {
    await this.sql.query(`UPDATE report_schedule SET tried_at = now(), error = $2 WHERE id = $1`, [id, error]);
  }
}
