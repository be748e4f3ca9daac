import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports that are sent by mail. */
export class ReportSchedules1795820000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE report_schedule (
      id uuid NOT NULL, kind text NOT NULL, by text NOT NULL, format text NOT NULL, every text NOT NULL, "to" text[] NOT NULL,
      owner text NOT NULL, next_at timestamptz NOT NULL, tried_at timestamptz, sent_at timestamptz, error text,
      CONSTRAINT report_schedule_pkey PRIMARY KEY (id))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE report_schedule`);
  }
}
