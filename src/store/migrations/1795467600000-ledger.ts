import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE idempotency (
     sender_system text NOT NULL, message_id text NOT NULL, digest text NOT NULL, id uuid NOT NULL,
     correlation_id text NOT NULL, accepted_at timestamptz NOT NULL,
     CONSTRAINT idempotency_pkey PRIMARY KEY (sender_system, message_id))`,
  `CREATE TABLE lease (
     name text NOT NULL, owner text NOT NULL, until timestamptz NOT NULL, CONSTRAINT lease_pkey PRIMARY KEY (name))`,
  `CREATE TABLE message (
     id uuid NOT NULL, message_id text, correlation_id text, relates_to text, sender_participant text NOT NULL,
     sender_system text NOT NULL, receiver text, service text, version int, operation text, profile text,
     protocol text, format text, headers jsonb, digest text, size int NOT NULL, accepted_at timestamptz NOT NULL,
     state text NOT NULL, open int NOT NULL, failed int NOT NULL, fault jsonb,
     CONSTRAINT message_pkey PRIMARY KEY (id)) PARTITION BY RANGE (id)`,
  `CREATE TABLE payload (
     message_id uuid NOT NULL, content bytea, CONSTRAINT payload_pkey PRIMARY KEY (message_id))
     PARTITION BY RANGE (message_id)`,
  `CREATE TABLE delivery (
     message_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, receiver_participant text NOT NULL,
     receiver_system text NOT NULL, agreement text, state text NOT NULL, epoch int NOT NULL, attempts int NOT NULL,
     next_attempt_at timestamptz, expires_at timestamptz NOT NULL, receipt jsonb, lease_owner text,
     lease_until timestamptz, published_at timestamptz, queued_at timestamptz NOT NULL, ended_at timestamptz,
     last_fault jsonb, CONSTRAINT delivery_pkey PRIMARY KEY (message_id, id)) PARTITION BY RANGE (message_id)`,
  `CREATE TABLE attempt (
     message_id uuid NOT NULL, delivery_id uuid NOT NULL, number int NOT NULL, started_at timestamptz NOT NULL,
     duration float8 NOT NULL, target text NOT NULL, status int, response text, fault jsonb,
     CONSTRAINT attempt_pkey PRIMARY KEY (message_id, delivery_id, number)) PARTITION BY RANGE (message_id)`,
  `CREATE SEQUENCE journal_seq_seq`,
  `CREATE TABLE journal (
     message_id uuid NOT NULL, seq bigint NOT NULL DEFAULT nextval('journal_seq_seq'), delivery_id uuid, event text NOT NULL,
     at timestamptz NOT NULL, by text NOT NULL, from_state text, to_state text, detail jsonb NOT NULL,
     CONSTRAINT journal_pkey PRIMARY KEY (message_id, seq)) PARTITION BY RANGE (message_id)`,
];

const INDEXES = [
  `CREATE INDEX message_by_message_id ON message (message_id)`,
  `CREATE INDEX message_by_correlation_id ON message (correlation_id)`,
  `CREATE INDEX delivery_by_id ON delivery (id)`,
  `CREATE INDEX delivery_unpublished ON delivery (receiver_system, queued_at)
     WHERE state = 'QUEUED' AND published_at IS NULL`,
  `CREATE INDEX delivery_available ON delivery (receiver_system, id) WHERE state = 'AVAILABLE'`,
  `CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'DELIVERING'`,
  `CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE state IN ('WAITING_RETRY', 'SUSPENDED')`,
  `CREATE INDEX delivery_expiring ON delivery (expires_at) WHERE ended_at IS NULL`,
  `CREATE INDEX journal_by_seq ON journal (seq)`,
];

const PARTITIONED = ['message', 'payload', 'delivery', 'attempt', 'journal'];

/** The ledger: five tables partitioned by message id (ADR 0001), each with a partition for what no day covers. */
export class Ledger1795467600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...INDEXES]) await runner.query(statement);
    for (const table of PARTITIONED) {
      await runner.query(`CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT`);
    }
    // The bytes of messages are mostly compressed or signed already; trying again costs more than it saves.
    await runner.query(`ALTER TABLE payload ALTER COLUMN content SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...PARTITIONED, 'idempotency', 'lease']) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP SEQUENCE journal_seq_seq`);
  }
}
