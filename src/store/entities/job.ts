import { EntitySchema } from 'typeorm';
import type { Search } from '../../delivery/jobs/filter.js';
import type { ItemResult, JobAct, JobState } from '../../delivery/jobs/ports.js';
import type { DeliveryState } from '../../message/delivery.js';

/** A bulk order of an operator. */
export interface JobRow {
  id: string;
  action: string;
  filter: Search;
  reason: string;
  operator: string;
  /** IPA codes; null: every participant. */
  scope: string[] | null;
  rate: number;
  again: boolean;
  system: string | null;
  state: JobState;
  total: number;
  done: number;
  skipped: number;
  failed: number;
  createdAt: Date;
  endedAt: Date | null;
  history: (JobAct & { at: string })[];
}

export const JobEntity = new EntitySchema<JobRow>({
  name: 'Job',
  tableName: 'job',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'job_pkey' },
    action: { type: 'text' },
    filter: { type: 'jsonb' },
    reason: { type: 'text' },
    operator: { type: 'text' },
    scope: { type: 'text', array: true, nullable: true },
    rate: { type: 'int' },
    again: { type: 'boolean' },
    system: { type: 'text', nullable: true },
    state: { type: 'text' },
    total: { type: 'int' },
    done: { type: 'int' },
    skipped: { type: 'int' },
    failed: { type: 'int' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    endedAt: { name: 'ended_at', type: 'timestamptz', nullable: true },
    history: { type: 'jsonb' },
  },
  indices: [
    { name: 'job_ended', columns: ['endedAt'], where: `(ended_at IS NOT NULL)` },
    {
      name: 'job_going',
      columns: ['id'],
      where: `(state = ANY (ARRAY['COLLECTING'::text, 'RUNNING'::text]))`,
    },
  ],
});

/** One delivery of a job. */
export interface JobItemRow {
  jobId: string;
  n: number;
  messageId: string;
  deliveryId: string;
  /** State and epoch of the delivery when the job was made. */
  seen: DeliveryState;
  epoch: number;
  result: ItemResult | null;
  found: DeliveryState | null;
  fault: string | null;
  at: Date | null;
}

export const JobItemEntity = new EntitySchema<JobItemRow>({
  name: 'JobItem',
  tableName: 'job_item',
  columns: {
    jobId: { name: 'job_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'job_item_pkey' },
    n: { type: 'int', primary: true, primaryKeyConstraintName: 'job_item_pkey' },
    messageId: { name: 'message_id', type: 'uuid' },
    deliveryId: { name: 'delivery_id', type: 'uuid' },
    seen: { type: 'text' },
    epoch: { type: 'int' },
    result: { type: 'text', nullable: true },
    found: { type: 'text', nullable: true },
    fault: { type: 'text', nullable: true },
    at: { type: 'timestamptz', nullable: true },
  },
  indices: [{ name: 'job_item_due', columns: ['jobId', 'n'], where: `(result IS NULL)` }],
});
