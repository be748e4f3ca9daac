import type { ReportSchedule } from './schedule.js';

/** Schedules, of all nodes. Throws Fault store-unavailable. */
export interface ScheduleStore {
  /** Of one operator, or of all. */
  list(owner: string | null): Promise<readonly ReportSchedule[]>;
  find(id: string): Promise<ReportSchedule | null>;
  /** False where its owner has `most` already. */
  add(schedule: ReportSchedule, most: number): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** Those to be sent, without those that were tried within `retryMs`. */
  due(retryMs: number, limit: number): Promise<readonly ReportSchedule[]>;
  /** Sent: it is due again at `nextAt`. */
  sent(id: string, nextAt: Date): Promise<void>;
  failed(id: string, error: string): Promise<void>;
}
