import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE registry_document (
     kind text NOT NULL, id text NOT NULL, version int NOT NULL, document jsonb, files jsonb NOT NULL,
     applied text, revision bigint NOT NULL, changed_at timestamptz NOT NULL, changed_by text NOT NULL,
     CONSTRAINT registry_document_pkey PRIMARY KEY (kind, id, version))`,
  `CREATE TABLE registry_file (
     sha256 text NOT NULL, content bytea NOT NULL, CONSTRAINT registry_file_pkey PRIMARY KEY (sha256))`,
  `CREATE SEQUENCE registry_change_seq_seq`,
  `CREATE TABLE registry_change (
     seq bigint NOT NULL DEFAULT nextval('registry_change_seq_seq'), revision bigint NOT NULL, at timestamptz NOT NULL,
     by text NOT NULL, reason text, kind text NOT NULL, id text NOT NULL, version int NOT NULL, before jsonb,
     after jsonb, CONSTRAINT registry_change_pkey PRIMARY KEY (seq))`,
  `CREATE TABLE registry_revision (
     name text NOT NULL, revision bigint NOT NULL, CONSTRAINT registry_revision_pkey PRIMARY KEY (name))`,
  `CREATE INDEX registry_document_by_revision ON registry_document (revision)`,
  `CREATE INDEX registry_change_by_document ON registry_change (kind, id, seq)`,
  `INSERT INTO registry_revision (name, revision) VALUES ('registry', 0)`,
];

/** The registry's documents, the files of the published interfaces by digest, and every change (who, when, before, after). */
export class Registry1795690000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['registry_document', 'registry_file', 'registry_change', 'registry_revision'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP SEQUENCE registry_change_seq_seq`);
  }
}
