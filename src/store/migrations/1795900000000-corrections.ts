import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Edited copies of messages, which another operator has to approve. */
export class Corrections1795900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE correction (
      id uuid NOT NULL, message_id uuid NOT NULL, sender text NOT NULL, system text NOT NULL, receiver text NOT NULL,
      service text NOT NULL, version integer NOT NULL, operation text NOT NULL, headers jsonb NOT NULL, size integer NOT NULL,
      reason text NOT NULL, state text NOT NULL DEFAULT 'PROPOSED', operator text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(), decided_by text, decided_at timestamptz, decision_reason text,
      sent_as uuid, fault text, content bytea, sealed uuid,
      CONSTRAINT correction_pkey PRIMARY KEY (id))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE correction`);
  }
}
