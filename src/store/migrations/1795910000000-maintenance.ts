import type { MigrationInterface, QueryRunner } from 'typeorm';

/** That nothing new is taken, for all nodes. */
export class Maintenance1795910000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE maintenance (
      name text NOT NULL, operator text NOT NULL, reason text NOT NULL, since timestamptz NOT NULL, until timestamptz,
      CONSTRAINT maintenance_pkey PRIMARY KEY (name))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE maintenance`);
  }
}
