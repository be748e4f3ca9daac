import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What still has its content is found without reading what has none. */
export class Retention1795740000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX payload_kept ON payload (message_id) WHERE content IS NOT NULL OR stored IS NOT NULL`,
    );
    await runner.query(`CREATE INDEX payload_object_by_message ON payload_object (message_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX payload_object_by_message`);
    await runner.query(`DROP INDEX payload_kept`);
  }
}
