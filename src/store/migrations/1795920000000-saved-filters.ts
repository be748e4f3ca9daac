import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators look for again and again, by page of the console. */
export class SavedFilters1795920000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE operator_filter (
      operator text NOT NULL, page text NOT NULL, filters jsonb NOT NULL,
      CONSTRAINT operator_filter_pkey PRIMARY KEY (operator, page))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE operator_filter`);
  }
}
