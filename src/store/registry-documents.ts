import { In, type DataSource, type EntityManager } from 'typeorm';
import { Fault } from '../message/fault.js';
import type {
  Change,
  Decide,
  DocumentKey,
  HistoryFilter,
  News,
  RegistryStore,
  StoredDocument,
  Writer,
} from '../registry/registry-store.js';
import { RegistryError } from '../registry/registry.js';
import {
  RegistryChangeEntity,
  RegistryDocumentEntity,
  RegistryFileEntity,
  RegistryRevisionEntity,
  type RegistryChangeRow,
  type RegistryDocumentRow,
} from './entities/registry.js';
import { openDocument, sealDocument } from '../secrets/sealed-documents.js';
import type { Seal } from '../secrets/seal.js';
import { storeFault } from './faults.js';
import type { Sql } from './sql.js';

const NAME = 'registry';

/** $1 the edits (JSON), $2 the new revision, $3 by whom, $4 why. The history is written from what stood there before. */
const WRITE = `
WITH input AS MATERIALIZED (
  SELECT i.ordinality AS n, i.* FROM ROWS FROM (json_to_recordset($1::json)
    AS (kind text, id text, version int, document jsonb, files jsonb, applied text)) WITH ORDINALITY
    AS i(kind, id, version, document, files, applied, ordinality)
), was AS MATERIALIZED (
  SELECT i.n, d.document, d.files FROM input i JOIN registry_document d USING (kind, id, version)
), logged AS (
  INSERT INTO registry_change (revision, at, by, reason, kind, id, version, before, after)
  SELECT $2::bigint, now(), $3::text, $4::text, i.kind, i.id, i.version,
    CASE WHEN w.document IS NOT NULL THEN jsonb_build_object('document', w.document, 'files', w.files) END,
    CASE WHEN i.document IS NOT NULL THEN jsonb_build_object('document', i.document, 'files', i.files) END
  FROM input i LEFT JOIN was w USING (n) ORDER BY i.n
)
INSERT INTO registry_document (kind, id, version, document, files, applied, revision, changed_at, changed_by)
SELECT kind, id, version, document, coalesce(files, '{}'), applied, $2::bigint, now(), $3::text FROM input
ON CONFLICT (kind, id, version) DO UPDATE SET document = excluded.document, files = excluded.files,
  applied = excluded.applied, revision = excluded.revision, changed_at = excluded.changed_at,
  changed_by = excluded.changed_by`;

const FILES_AT_ONCE = 50;

/** The registry over TypeORM: written seldom, and read by each node once a second by its revision only. */
export class StoredRegistryDocuments implements RegistryStore {
  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  async revision(): Promise<number> {
    const rows = await this.sql.query<{ revision: string }>(`SELECT revision FROM registry_revision WHERE name = $1`, [
      NAME,
    ]);
    return Number(rows[0]?.revision ?? 0);
  }

  since(revision: number): Promise<News> {
    return this.guarded(() =>
      this.source.transaction('REPEATABLE READ', (manager) => newsSince(manager, revision, this.seal)),
    );
  }

  files(digests: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    return this.guarded(() => readFiles(this.source.manager, digests));
  }

  write(known: number, decide: Decide, writer: Writer): Promise<number> {
    return this.guarded(() =>
      this.source.transaction((manager) => writeUnderLock(manager, { known, decide, writer, seal: this.seal })),
    );
  }

  async history(filter: HistoryFilter, page: { limit: number; before?: number }): Promise<readonly Change[]> {
    const query = this.source.manager.createQueryBuilder(RegistryChangeEntity, 'change');
    if (filter.kind !== undefined) query.andWhere('change.kind = :kind', { kind: filter.kind });
    if (filter.id !== undefined) query.andWhere('change.id = :id', { id: filter.id });
    if (page.before !== undefined) query.andWhere('change.seq < :before', { before: page.before });
    const rows = await this.guarded(() => query.orderBy('change.seq', 'DESC').limit(page.limit).getMany());
    return rows.map((row) => changeOf(row, this.seal));
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof RegistryError ? error : storeFault(error);
    }
  }
}

async function readFiles(manager: EntityManager, digests: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < digests.length; at += FILES_AT_ONCE) {
    const some = In(digests.slice(at, at + FILES_AT_ONCE));
    for (const { sha256, content } of await manager.findBy(RegistryFileEntity, { sha256: some }))
      found.set(sha256, content);
  }
  const missing = digests.find((digest) => !found.has(digest));
  if (missing !== undefined) throw new Fault('internal', { detail: `Interface file ${missing} is not stored.` });
  return found;
}

async function newsSince(manager: EntityManager, revision: number, seal: Seal | null): Promise<News> {
  const now = await manager.findOneByOrFail(RegistryRevisionEntity, { name: NAME });
  const rows = await manager
    .createQueryBuilder(RegistryDocumentEntity, 'one')
    .where('one.revision > :revision', { revision })
    .getMany();
  return {
    revision: Number(now.revision),
    changed: rows.flatMap((row) => (row.document === null ? [] : [storedOf(row, openDocument(row.document, seal))])),
    removed: rows.filter(({ document }) => document === null).map(documentKey),
  };
}

interface Writing {
  readonly known: number;
  readonly decide: Decide;
  readonly writer: Writer;
  readonly seal: Seal | null;
}

async function writeUnderLock(manager: EntityManager, { known, decide, writer, seal }: Writing): Promise<number> {
  await manager.query(`SELECT revision FROM registry_revision WHERE name = $1 FOR UPDATE`, [NAME]);
  const news = await newsSince(manager, known, seal);
  const { edits, files } = await decide(news, (digests) => readFiles(manager, digests));
  if (edits.length === 0) return news.revision;
  const revision = news.revision + 1;
  await storeFiles(manager, files);
  const rows = edits.map(({ key, after, applied }) => ({
    ...key,
    ...(after && { ...after, document: sealDocument(after.document, seal) }),
    applied,
  }));
  await manager.query(WRITE, [JSON.stringify(rows), revision, writer.by, writer.reason]);
  await manager.update(RegistryRevisionEntity, { name: NAME }, { revision: String(revision) });
  return revision;
}

async function storeFiles(manager: EntityManager, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [sha256, content] of files)
    await manager.query(`INSERT INTO registry_file (sha256, content) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
      sha256,
      content,
    ]);
}

const documentKey = ({ kind, id, version }: DocumentKey): DocumentKey => ({ kind, id, version });

function storedOf(row: RegistryDocumentRow, document: NonNullable<RegistryDocumentRow['document']>): StoredDocument {
  const { files, applied, revision, changedAt, changedBy } = row;
  return { key: documentKey(row), document, files, applied, revision: Number(revision), changedAt, changedBy };
}

function changeOf(row: RegistryChangeRow, seal: Seal | null): Change {
  const opened = (side: Change['before']) => side && { ...side, document: openDocument(side.document, seal) };
  const { seq, revision, at, by, reason } = row;
  const [before, after] = [opened(row.before), opened(row.after)];
  return { seq: Number(seq), revision: Number(revision), at, by, reason, key: documentKey(row), before, after };
}
