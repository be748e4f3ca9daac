import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE statistic_cursor (
     name text NOT NULL, seq bigint NOT NULL, CONSTRAINT statistic_cursor_pkey PRIMARY KEY (name))`,
  `INSERT INTO statistic_cursor (name, seq) VALUES ('journal', 0)`,
  `CREATE SEQUENCE statistic_flow_id_seq`,
  `CREATE TABLE statistic_flow (
     id bigint NOT NULL DEFAULT nextval('statistic_flow_id_seq'), sender text NOT NULL, receiver text NOT NULL,
     system text NOT NULL, service text NOT NULL, version int NOT NULL, last_at timestamptz NOT NULL,
     CONSTRAINT statistic_flow_pkey PRIMARY KEY (id))`,
  `CREATE UNIQUE INDEX statistic_flow_by_parties ON statistic_flow (sender, receiver, system, service, version)`,
  `CREATE TABLE statistic (
     grain text NOT NULL, at timestamptz NOT NULL, flow bigint NOT NULL, outcome text NOT NULL, fault text NOT NULL,
     bucket smallint NOT NULL, count bigint NOT NULL, bytes bigint NOT NULL,
     CONSTRAINT statistic_pkey PRIMARY KEY (grain, at, flow, outcome, fault, bucket)) WITH (fillfactor = 70)`,
  `CREATE INDEX statistic_by_flow ON statistic (flow, grain, at)`,
  `CREATE TABLE queue_sample (
     at timestamptz NOT NULL, system text NOT NULL, agreement text NOT NULL, sampled_at timestamptz NOT NULL,
     queued int NOT NULL, delivering int NOT NULL, available int NOT NULL, retrying int NOT NULL, suspended int NOT NULL,
     dead int NOT NULL, dead_since timestamptz, oldest_at timestamptz, next_attempt_at timestamptz,
     CONSTRAINT queue_sample_pkey PRIMARY KEY (at, system, agreement)) WITH (fillfactor = 70)`,
];

/** What happened, counted by minute, hour and day (ADR 0024), and how the queues stood in each minute. */
export class Statistics1795810000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['queue_sample', 'statistic', 'statistic_flow', 'statistic_cursor'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP SEQUENCE statistic_flow_id_seq`);
  }
}
