import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contents that are too large to be held. Chunks are stored as they are: what is large is compressed already. */
export class Payloads1795740000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE payload ADD COLUMN stored jsonb`);
    await runner.query(`CREATE TABLE payload_object (
      id uuid CONSTRAINT payload_object_pkey PRIMARY KEY,
      message_id uuid,
      leased_until timestamptz NOT NULL,
      condemned boolean NOT NULL DEFAULT false
    )`);
    await runner.query(
      `CREATE INDEX payload_object_unclaimed ON payload_object (leased_until) WHERE message_id IS NULL`,
    );
    await runner.query(`CREATE TABLE payload_chunk (
      payload_id uuid NOT NULL,
      number int NOT NULL,
      bytes bytea NOT NULL,
      CONSTRAINT payload_chunk_pkey PRIMARY KEY (payload_id, number)
    )`);
    await runner.query(`ALTER TABLE payload_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE payload_chunk`);
    await runner.query(`DROP TABLE payload_object`);
    await runner.query(`ALTER TABLE payload DROP COLUMN stored`);
  }
}
