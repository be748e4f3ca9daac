import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE operator_session (
     hash text NOT NULL, operator text NOT NULL, method text NOT NULL, role text NOT NULL, scope text,
     must_change boolean NOT NULL, address text NOT NULL, id_token text, created_at timestamptz NOT NULL,
     seen_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, CONSTRAINT operator_session_pkey PRIMARY KEY (hash))`,
  `CREATE INDEX operator_session_by_operator ON operator_session (operator, created_at)`,
  `CREATE TABLE operator_account (
     operator text NOT NULL, hash text NOT NULL, must_change boolean NOT NULL, totp text, totp_pending text,
     totp_step bigint NOT NULL, recovery text[] NOT NULL, devices text[] NOT NULL, changed_at timestamptz NOT NULL,
     logged_in_at timestamptz, CONSTRAINT operator_account_pkey PRIMARY KEY (operator))`,
  `CREATE SEQUENCE audit_seq_seq`,
  `CREATE TABLE audit (
     seq bigint NOT NULL DEFAULT nextval('audit_seq_seq'), at timestamptz NOT NULL, event text NOT NULL, operator text,
     address text, subject text, participants text[], detail jsonb NOT NULL, CONSTRAINT audit_pkey PRIMARY KEY (seq))`,
  `CREATE INDEX audit_by_at ON audit (at)`,
];

/** Sessions and local accounts of operators, and what they did. */
export class LogIn1795800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['operator_session', 'operator_account', 'audit']) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP SEQUENCE audit_seq_seq`);
  }
}
