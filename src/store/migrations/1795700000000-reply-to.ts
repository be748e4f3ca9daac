import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the answer to a message goes, for those that have one pushed. */
export class ReplyTo1795700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE message ADD COLUMN reply_to jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE message DROP COLUMN reply_to`);
  }
}
