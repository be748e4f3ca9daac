import type { LateAnswer, QueryOpening, QueryRecord, QueryTrace } from '../query/ports.js';
import { RECORD_LATE, RECORD_QUERIES } from './accept-sql.js';
import type { JournalJson, LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { plainJson } from './plain-json.js';
import { addOpening, addRecord, type QueryRows } from './query-rows.js';
import type { Sql } from './sql.js';

type Late = LateAnswer & { readonly at: Date };

const MIB = 1024 * 1024;
/** Nobody waits for these: batches may be big and slow. */
const BEHIND = {
  maxItems: 500,
  maxBytes: 8 * MIB,
  paceMs: 50,
  concurrency: 1,
  maxQueued: 20_000,
  maxQueuedBytes: 64 * MIB,
};
/** A consumer waits for these. */
const STRICT = {
  maxItems: 100,
  maxBytes: 8 * MIB,
  paceMs: 2,
  concurrency: 2,
  maxQueued: 5_000,
  maxQueuedBytes: 64 * MIB,
};

/** Questions as they are asked and as they have ended, by group commit. */
export class LedgerQueryTrace implements QueryTrace {
  private readonly recording = this.queries<QueryRecord>(BEHIND, (record, to) => addRecord(record, true, to));
  private readonly opening = this.queries<QueryOpening>(STRICT, addOpening);
  private readonly closing = this.queries<QueryRecord>(STRICT, (record, to) => addRecord(record, false, to));
  private readonly lateness: GroupCommit<Late, void>;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    const write = (late: readonly Late[]) => this.write(RECORD_LATE, [plainJson(late.map(lateRowOf))], late.length);
    this.lateness = new GroupCommit(write, { ...BEHIND, bytesOf: () => 0 });
  }

  record(record: QueryRecord): Promise<void> {
    return this.recording.submit(record);
  }

  open(opening: QueryOpening): Promise<void> {
    return this.opening.submit(opening);
  }

  close(record: QueryRecord): Promise<void> {
    return this.closing.submit(record);
  }

  late(late: LateAnswer): Promise<void> {
    return this.lateness.submit({ ...late, at: new Date() });
  }

  async drain(): Promise<void> {
    await Promise.all([this.recording, this.opening, this.closing, this.lateness].map((group) => group.drain()));
  }

  private queries<T extends QueryOpening>(limits: typeof BEHIND, add: (item: T, to: QueryRows) => void) {
    const write = (items: readonly T[]) => {
      const { rows, contents }: QueryRows = { rows: [], contents: [] };
      for (const item of items) add(item, { rows, contents });
      return this.write(RECORD_QUERIES, [plainJson(rows), Buffer.concat(contents)], items.length);
    };
    return new GroupCommit<T, void>(write, { ...limits, bytesOf });
  }

  private async write(statement: string, values: readonly unknown[], count: number): Promise<void[]> {
    const [result] = await this.sql.run<{ events: JournalJson[] | null }>(statement, values);
    this.feed.emit(result?.events ?? null);
    return Array.from({ length: count }, () => undefined);
  }
}

const bytesOf = ({ content, answer }: QueryOpening & Partial<QueryRecord>): number =>
  (content?.length ?? 0) + (answer?.content.length ?? 0);

const lateRowOf = ({ id, at, outcome }: Late): object => ({
  id,
  at,
  detail: { status: outcome.status, size: outcome.body.length },
});
