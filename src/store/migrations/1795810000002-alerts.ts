import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE alert_rule (
     id text NOT NULL, rule jsonb NOT NULL, changed_at timestamptz NOT NULL, CONSTRAINT alert_rule_pkey PRIMARY KEY (id))`,
  `CREATE TABLE alert_incident (
     id uuid NOT NULL, cause text NOT NULL, rule text NOT NULL, kind text NOT NULL, severity text NOT NULL,
     subject text NOT NULL, participants text[], value float8 NOT NULL, threshold float8 NOT NULL, state text NOT NULL,
     opened_at timestamptz NOT NULL, seen_at timestamptz NOT NULL, silenced_until timestamptz, resolved_at timestamptz,
     by text, reason text, told text, CONSTRAINT alert_incident_pkey PRIMARY KEY (id))`,
  `CREATE UNIQUE INDEX alert_incident_cause ON alert_incident (cause) WHERE resolved_at IS NULL`,
  `CREATE INDEX alert_incident_untold ON alert_incident (id) WHERE told IS DISTINCT FROM 'resolved'`,
  `CREATE TABLE alert_sender (
     participant text NOT NULL, seen_at timestamptz NOT NULL, CONSTRAINT alert_sender_pkey PRIMARY KEY (participant))`,
];

/** Rules that differ from the defaults, incidents, and when each body was last heard of. */
export class Alerts1795810000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['alert_rule', 'alert_incident', 'alert_sender']) await runner.query(`DROP TABLE ${table}`);
  }
}
