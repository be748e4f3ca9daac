import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Limits that all nodes hold together. */
export class Allowances1795780000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE allowance (key text NOT NULL, until timestamptz NOT NULL, most bigint NOT NULL,
      used bigint NOT NULL, granted bigint NOT NULL, CONSTRAINT allowance_pkey PRIMARY KEY (key))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE allowance`);
  }
}
