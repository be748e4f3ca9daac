import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE job (
     id uuid NOT NULL, action text NOT NULL, filter jsonb NOT NULL, reason text NOT NULL, operator text NOT NULL,
     scope text[], rate int NOT NULL, again boolean NOT NULL, system text, state text NOT NULL, total int NOT NULL,
     done int NOT NULL, skipped int NOT NULL, failed int NOT NULL, created_at timestamptz NOT NULL, ended_at timestamptz,
     history jsonb NOT NULL, CONSTRAINT job_pkey PRIMARY KEY (id))`,
  `CREATE INDEX job_going ON job (id) WHERE state IN ('COLLECTING', 'RUNNING')`,
  `CREATE TABLE job_item (
     job_id uuid NOT NULL, n int NOT NULL, message_id uuid NOT NULL, delivery_id uuid NOT NULL, seen text NOT NULL,
     epoch int NOT NULL, result text, found text, fault text, at timestamptz,
     CONSTRAINT job_item_pkey PRIMARY KEY (job_id, n))`,
  `CREATE INDEX job_item_due ON job_item (job_id, n) WHERE result IS NULL`,
  // Few deliveries end without success: these cost the others nothing.
  `CREATE INDEX delivery_dead ON delivery (message_id, id) WHERE state IN ('FAILED', 'EXPIRED', 'CANCELLED')`,
  `CREATE INDEX delivery_dead_by_end ON delivery (ended_at) WHERE state IN ('FAILED', 'EXPIRED', 'CANCELLED')`,
];

/** Bulk orders with their items, and the deliveries that ended without success at hand. */
export class Jobs1795740000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of ['delivery_dead', 'delivery_dead_by_end']) await runner.query(`DROP INDEX ${index}`);
    for (const table of ['job_item', 'job']) await runner.query(`DROP TABLE ${table}`);
  }
}
