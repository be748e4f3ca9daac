import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Questions that are durable before they are asked and have not ended. */
export class Asked1795720000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX message_asked ON message (id)
      WHERE profile = 'query' AND state = 'ACCEPTED' AND open = 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX message_asked`);
  }
}
