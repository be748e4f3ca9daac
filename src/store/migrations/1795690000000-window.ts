import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of each system lies in the broker, counted by the relay before it publishes more. */
export class Window1795690000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX delivery_published ON delivery (receiver_system)
      WHERE state = 'QUEUED' AND published_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX delivery_published`);
  }
}
