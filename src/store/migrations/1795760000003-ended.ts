import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // Of those that stand already nobody can tell whether their sender numbers them: they stay.
  `ALTER TABLE conversation ADD COLUMN numbered boolean NOT NULL DEFAULT true,
     ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now()`,
  `CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL`,
];

/** What is over: jobs, and conversations of which the ledger has nothing any more. */
export class Ended1795760000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX job_ended`);
    await runner.query(`ALTER TABLE conversation DROP COLUMN numbered, DROP COLUMN changed_at`);
  }
}
