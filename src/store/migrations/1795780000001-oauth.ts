import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The token endpoint: its keys, and the assertions that were used. */
export class Oauth1795780000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE signing_key (kid text PRIMARY KEY, created_at timestamptz NOT NULL, private_jwk text NOT NULL)`,
    );
    await runner.query(`CREATE TABLE used_assertion (
      client_id text NOT NULL, jti text NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (client_id, jti))`);
    await runner.query(`CREATE INDEX used_assertion_over ON used_assertion (until)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE used_assertion`);
    await runner.query(`DROP TABLE signing_key`);
  }
}
