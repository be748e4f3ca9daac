import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What ended before its turn in a conversation came: its number is not missing. */
export class Withdrawn1795770000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX delivery_withdrawn ON delivery (receiver_system, conversation, sequence)
      WHERE held AND ended_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX delivery_withdrawn`);
  }
}
