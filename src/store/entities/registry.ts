import { EntitySchema } from 'typeorm';
import type { RegistryDocument } from '../../registry/documents/document-types.js';
import type { DocumentKey, RegistryContent } from '../../registry/registry-store.js';

export interface RegistryDocumentRow {
  kind: DocumentKey['kind'];
  id: string;
  version: number;
  /** Null: taken away; the row stays, so that other nodes learn of it. */
  document: RegistryDocument | null;
  files: Record<string, string>;
  applied: string | null;
  /** A bigint, which node-postgres reads as text. */
  revision: string;
  changedAt: Date;
  changedBy: string;
}

const key = { primary: true, primaryKeyConstraintName: 'registry_document_pkey' } as const;

export const RegistryDocumentEntity = new EntitySchema<RegistryDocumentRow>({
  name: 'RegistryDocument',
  tableName: 'registry_document',
  columns: {
    kind: { type: 'text', ...key },
    id: { type: 'text', ...key },
    version: { type: 'int', ...key },
    document: { type: 'jsonb', nullable: true },
    files: { type: 'jsonb' },
    applied: { type: 'text', nullable: true },
    revision: { type: 'bigint' },
    changedAt: { name: 'changed_at', type: 'timestamptz' },
    changedBy: { name: 'changed_by', type: 'text' },
  },
  indices: [{ name: 'registry_document_by_revision', columns: ['revision'] }],
});

export const RegistryFileEntity = new EntitySchema<{ sha256: string; content: Buffer }>({
  name: 'RegistryFile',
  tableName: 'registry_file',
  columns: {
    sha256: { type: 'text', primary: true, primaryKeyConstraintName: 'registry_file_pkey' },
    content: { type: 'bytea' },
  },
});

export interface RegistryChangeRow {
  seq: string;
  revision: string;
  at: Date;
  by: string;
  reason: string | null;
  kind: DocumentKey['kind'];
  id: string;
  version: number;
  before: RegistryContent | null;
  after: RegistryContent | null;
}

export const RegistryChangeEntity = new EntitySchema<RegistryChangeRow>({
  name: 'RegistryChange',
  tableName: 'registry_change',
  columns: {
    seq: {
      type: 'bigint',
      primary: true,
      primaryKeyConstraintName: 'registry_change_pkey',
      generated: 'increment',
    },
    revision: { type: 'bigint' },
    at: { type: 'timestamptz' },
    by: { type: 'text' },
    reason: { type: 'text', nullable: true },
    kind: { type: 'text' },
    id: { type: 'text' },
    version: { type: 'int' },
    before: { type: 'jsonb', nullable: true },
    after: { type: 'jsonb', nullable: true },
  },
  indices: [{ name: 'registry_change_by_document', columns: ['kind', 'id', 'seq'] }],
});

export const RegistryRevisionEntity = new EntitySchema<{ name: string; revision: string }>({
  name: 'RegistryRevision',
  tableName: 'registry_revision',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'registry_revision_pkey' },
    revision: { type: 'bigint' },
  },
});
