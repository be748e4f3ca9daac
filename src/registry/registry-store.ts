import type { RegistryDocument } from './documents/document-types.js';

/** What names a document: its kind, its id and, of a service, its version (0 for every other kind). */
export interface DocumentKey {
  readonly kind: RegistryDocument['kind'];
  readonly id: string;
  readonly version: number;
}

/** A document with the interface files that it names. */
export interface RegistryContent {
  readonly document: RegistryDocument;
  /** Path relative to the root of the service's bundle -> sha256 of the bytes; empty for every other kind. */
  readonly files: Readonly<Record<string, string>>;
}

export interface StoredDocument extends RegistryContent {
  readonly key: DocumentKey;
  /** Digest of what a watched directory laid down last, which may take it away again; null where none ever did. */
  readonly applied: string | null;
  /** The registry's revision that wrote it; its ETag. */
  readonly revision: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** One wanted change of one document. */
export interface Edit {
  readonly key: DocumentKey;
  /** Null takes the document away. */
  readonly after: RegistryContent | null;
  readonly applied: string | null;
  /** Finds the line of a member in the text that the document was read from; left out: it has none. Not stored. */
  readonly line?: (path: readonly (string | number)[]) => number;
}

export interface Writer {
  /** Who asks for the change; kept in the history. */
  readonly by: string;
  readonly reason: string | null;
}

/** What changed after a revision. */
export interface News {
  readonly revision: number;
  readonly changed: readonly StoredDocument[];
  readonly removed: readonly DocumentKey[];
}

/** One change of one document as the history keeps it. */
export interface Change {
  readonly seq: number;
  readonly revision: number;
  readonly at: Date;
  readonly by: string;
  readonly reason: string | null;
  readonly key: DocumentKey;
  readonly before: RegistryContent | null;
  readonly after: RegistryContent | null;
}

export interface HistoryFilter {
  readonly kind?: DocumentKey['kind'];
  readonly id?: string;
}

/** Where the registry's documents are kept, with every change that was ever made of them. */
export interface RegistryStore {
  /** Rises with every change; 0 where nothing was ever written. Throws Fault store-unavailable. */
  revision(): Promise<number>;
  since(revision: number): Promise<News>;
  readonly files: ReadFiles;
  /**
   * One transaction under a lock that only one writer holds: `decide` is told what changed after `known` and gives the
   * edits; what it throws undoes everything. It reads files only through what it is handed. Returns the new revision, or
   * the old one where there was nothing to write.
   */
  write(known: number, decide: Decide, writer: Writer): Promise<number>;
  /** Newest first; `before` is the seq of the last one seen. */
  history(
    filter: HistoryFilter,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<readonly Change[]>;
}

/** The bytes of stored files by sha256; throws where one is not stored. */
export type ReadFiles = (digests: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>;

/** What is stored, by `keyText`. */
export type Documents = ReadonlyMap<string, StoredDocument>;

export type Decide = (news: News, files: ReadFiles) => Promise<Decision>;

export interface Decision {
  readonly edits: readonly Edit[];
  /** sha256 -> bytes of files that may be new. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export const keyText = ({ kind, id, version }: DocumentKey): string =>
  version === 0 ? `${kind} ${id}` : `${kind} ${id} v${version}`;

export const keyOf = (document: RegistryDocument): DocumentKey => ({
  kind: document.kind,
  id: document.id,
  version: document.kind === 'service' ? document.version : 0,
});
