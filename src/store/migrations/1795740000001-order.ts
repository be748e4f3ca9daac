import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE conversation (
     receiver_system text NOT NULL, conversation text NOT NULL, last int NOT NULL, passed int NOT NULL,
     changes int NOT NULL, due_at timestamptz, gap_until timestamptz,
     CONSTRAINT conversation_pkey PRIMARY KEY (receiver_system, conversation))`,
  `CREATE INDEX conversation_due ON conversation (due_at) WHERE due_at IS NOT NULL`,
  `ALTER TABLE delivery ADD COLUMN conversation text, ADD COLUMN sequence int,
     ADD COLUMN numbered boolean NOT NULL DEFAULT false, ADD COLUMN held boolean NOT NULL DEFAULT false`,
  `CREATE INDEX delivery_in_order ON delivery (receiver_system, conversation, held, sequence)
     WHERE conversation IS NOT NULL AND ended_at IS NULL`,
  `DROP INDEX delivery_unpublished`,
  `CREATE INDEX delivery_unpublished ON delivery (held, receiver_system, queued_at)
     WHERE state = 'QUEUED' AND published_at IS NULL`,
];

/** Conversations whose messages go in order. */
export class Order1795740000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX delivery_unpublished`);
    await runner.query(`CREATE INDEX delivery_unpublished ON delivery (receiver_system, queued_at)
      WHERE state = 'QUEUED' AND published_at IS NULL`);
    await runner.query(`DROP INDEX delivery_in_order`);
    await runner.query(
      `ALTER TABLE delivery DROP COLUMN conversation, DROP COLUMN sequence, DROP COLUMN numbered, DROP COLUMN held`,
    );
    await runner.query(`DROP TABLE conversation`);
  }
}
