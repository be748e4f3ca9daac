import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tries of a delivery before an operator sent it anew. */
export class Rounds1795730000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE delivery ADD COLUMN tried_before int NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE delivery DROP COLUMN tried_before`);
  }
}
