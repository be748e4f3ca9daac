/** What the database tells of itself. */
export interface DatabaseFacts {
  readonly version: string;
  readonly migrations: {
    readonly applied: number;
    readonly last: string;
    /** Of this version, and not in the database. */
    readonly pending: readonly string[];
    /** In the database, and of another version than this one. */
    readonly foreign: readonly string[];
  };
  /** Of the write-ahead log: all that a database knows of its backups. */
  readonly archive: {
    readonly mode: string;
    readonly archivedAt: Date | null;
    readonly failedAt: Date | null;
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
