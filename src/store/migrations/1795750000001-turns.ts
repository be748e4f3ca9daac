import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE circuit (system text NOT NULL, until timestamptz NOT NULL, breaks int NOT NULL,
     CONSTRAINT circuit_pkey PRIMARY KEY (system))`,
  `ALTER TABLE delivery ADD COLUMN urgency smallint NOT NULL DEFAULT 5,
     ADD COLUMN sender_system text NOT NULL DEFAULT ''`,
  `DROP INDEX delivery_unpublished`,
  `CREATE INDEX delivery_unpublished ON delivery (held, receiver_system, urgency, sender_system, queued_at)
     WHERE state = 'QUEUED' AND published_at IS NULL`,
];

/** Who is next for a system: by priority, then one of each sender in turn; and systems that are spared for a while. */
export class Turns1795750000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX delivery_unpublished`);
    await runner.query(`CREATE INDEX delivery_unpublished ON delivery (held, receiver_system, queued_at)
      WHERE state = 'QUEUED' AND published_at IS NULL`);
    await runner.query(`ALTER TABLE delivery DROP COLUMN urgency, DROP COLUMN sender_system`);
    await runner.query(`DROP TABLE circuit`);
  }
}
