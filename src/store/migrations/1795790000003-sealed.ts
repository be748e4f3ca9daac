import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE data_key (id uuid NOT NULL, participant text NOT NULL, day date NOT NULL, wrapped text NOT NULL,
     CONSTRAINT data_key_pkey PRIMARY KEY (id), CONSTRAINT data_key_of_day UNIQUE (participant, day))`,
  `ALTER TABLE payload ADD COLUMN sealed uuid`,
  `CREATE INDEX payload_sealed ON payload (sealed) WHERE sealed IS NOT NULL`,
  `ALTER TABLE payload_object ADD COLUMN sealed uuid`,
  `CREATE INDEX payload_object_sealed ON payload_object (sealed) WHERE sealed IS NOT NULL`,
];

/** Contents that are kept encrypted, and the keys of them. */
export class Sealed1795790000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX payload_object_sealed`);
    await runner.query(`ALTER TABLE payload_object DROP COLUMN sealed`);
    await runner.query(`DROP INDEX payload_sealed`);
    await runner.query(`ALTER TABLE payload DROP COLUMN sealed`);
    await runner.query(`DROP TABLE data_key`);
  }
}
