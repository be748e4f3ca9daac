import { EntitySchema } from 'typeorm';
import type { ReportSchedule } from '../../reports/schedule.js';

export const ReportScheduleEntity = new EntitySchema<ReportSchedule & { triedAt: Date | null }>({
  name: 'ReportSchedule',
  tableName: 'report_schedule',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'report_schedule_pkey' },
    kind: { type: 'text' },
    by: { type: 'text' },
    format: { type: 'text' },
    every: { type: 'text' },
    to: { type: 'text', array: true },
    owner: { type: 'text' },
    nextAt: { name: 'next_at', type: 'timestamptz' },
    triedAt: { name: 'tried_at', type: 'timestamptz', nullable: true },
    sentAt: { name: 'sent_at', type: 'timestamptz', nullable: true },
    error: { type: 'text', nullable: true },
  },
});
