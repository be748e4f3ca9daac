import { EntitySchema } from 'typeorm';
import type { Grain, Outcome } from '../../statistics/ports.js';

/** How far the journal is counted. */
export const StatisticCursorEntity = new EntitySchema<{ name: string; seq: string }>({
  name: 'StatisticCursor',
  tableName: 'statistic_cursor',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'statistic_cursor_pkey' },
    seq: { type: 'bigint' },
  },
});

/** Between whom, at which system, of which service; empty (version 0) where it is not known. */
export interface StatisticFlowRow {
  id: string;
  sender: string;
  receiver: string;
  system: string;
  service: string;
  version: number;
  lastAt: Date;
}

export const StatisticFlowEntity = new EntitySchema<StatisticFlowRow>({
  name: 'StatisticFlow',
  tableName: 'statistic_flow',
  columns: {
    id: {
      type: 'bigint',
      primary: true,
      primaryKeyConstraintName: 'statistic_flow_pkey',
      generated: 'increment',
    },
    sender: { type: 'text' },
    receiver: { type: 'text' },
    system: { type: 'text' },
    service: { type: 'text' },
    version: { type: 'int' },
    lastAt: { name: 'last_at', type: 'timestamptz' },
  },
  indices: [
    {
      name: 'statistic_flow_by_parties',
      columns: ['sender', 'receiver', 'system', 'service', 'version'],
      unique: true,
    },
  ],
});

export interface StatisticRow {
  grain: Grain;
  at: Date;
  flow: string;
  outcome: Outcome;
  /** Code of the fault; empty: none. */
  fault: string;
  /** Place of the latency in the buckets (statistics/latency.ts); -1: none was taken. */
  bucket: number;
  count: string;
  bytes: string;
}

const key = { primary: true, primaryKeyConstraintName: 'statistic_pkey' } as const;

export const StatisticEntity = new EntitySchema<StatisticRow>({
  name: 'Statistic',
  tableName: 'statistic',
  columns: {
    grain: { type: 'text', ...key },
    at: { type: 'timestamptz', ...key },
    flow: { type: 'bigint', ...key },
    outcome: { type: 'text', ...key },
    fault: { type: 'text', ...key },
    bucket: { type: 'smallint', ...key },
    count: { type: 'bigint' },
    bytes: { type: 'bigint' },
  },
  indices: [{ name: 'statistic_by_flow', columns: ['flow', 'grain', 'at'] }],
});

/** How a queue stood when it was last looked at in a minute; the row without a system says when that was. */
export interface QueueSampleRow {
  at: Date;
  system: string;
  /** Id; empty: of receipts. */
  agreement: string;
  sampledAt: Date;
  queued: number;
  delivering: number;
  available: number;
  retrying: number;
  suspended: number;
  dead: number;
  deadSince: Date | null;
  oldestAt: Date | null;
  nextAttemptAt: Date | null;
}

const sampleKey = { primary: true, primaryKeyConstraintName: 'queue_sample_pkey' } as const;

export const QueueSampleEntity = new EntitySchema<QueueSampleRow>({
  name: 'QueueSample',
  tableName: 'queue_sample',
  columns: {
    at: { type: 'timestamptz', ...sampleKey },
    system: { type: 'text', ...sampleKey },
    agreement: { type: 'text', ...sampleKey },
    sampledAt: { name: 'sampled_at', type: 'timestamptz' },
    queued: { type: 'int' },
    delivering: { type: 'int' },
    available: { type: 'int' },
    retrying: { type: 'int' },
    suspended: { type: 'int' },
    dead: { type: 'int' },
    deadSince: { name: 'dead_since', type: 'timestamptz', nullable: true },
    oldestAt: { name: 'oldest_at', type: 'timestamptz', nullable: true },
    nextAttemptAt: { name: 'next_attempt_at', type: 'timestamptz', nullable: true },
  },
});
