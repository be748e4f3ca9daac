/** What the database tells of itself. */
export interface DatabaseFacts {
  readonly version: string;
  /** When this server began. */
  readonly startedAt: Date;
  readonly migrations: {
    readonly applied: number;
    readonly last: string;
    /** Of this version, and not in the database. */
    readonly pending: readonly string[];
    /** In the database, and of another version than this one. */
    readonly foreign: readonly string[];
  };
  /** Of the write-ahead log. */
  readonly archive: {
    readonly mode: string;
    readonly archivedAt: Date | null;
    readonly failedAt: Date | null;
  };
  /** Base backups that were taken from this server itself, while it archives its log. */
  readonly baseBackup: {
    /** False: it archives none, or does not let the gateway's user look (`pg_monitor`). */
    readonly isVisible: boolean;
    /** When the last one ended; null: it knows of none. */
    readonly endedAt: Date | null;
  };
  /** Nodes that are connected now, by their names; none where it is embedded. */
  readonly nodes: readonly string[];
  /** Which node does what only one does at a time. */
  readonly leases: readonly { readonly name: string; readonly owner: string; readonly until: Date }[];
}

/** Throws Fault store-unavailable. */
export interface DatabaseReader {
  facts(): Promise<DatabaseFacts>;
}
