import type { LateAnswer, QueryOpening, QueryRecord, QueryTrace } from '../query/ports.js';
import { endQueries, RECORD_QUERIES } from './accept-sql.js';
import { DayStatement } from './day-statement.js';
import type { JournalJson, LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { dayOf } from './partitions.js';
import { plainJson } from './plain-json.js';
import { addLate, addOpening, addRecord, type QueryRows, type Sealed } from './query-rows.js';
import type { SearchKey } from './search-key.js';
import type { Sql } from './sql.js';
import type { StoredDataKeys } from './data-keys.js';
import { faultSize } from './transition.js';

type Late = LateAnswer & { readonly at: Date };

const MIB = 1024 * 1024;
/** Nobody waits for these: batches may be big and slow. One at a time: what came late is told last. */
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
  private readonly recording = new GroupCommit<Sealed<QueryRecord> | Late, void>(
    (items) =>
      this.write(items, (item, to) => ('outcome' in item ? addLate(item, item.at, to) : addRecord(item, true, to))),
    { ...BEHIND, bytesOf },
  );
  private readonly opening = new GroupCommit<Sealed<QueryOpening>, void>((items) => this.write(items, addOpening), {
    ...STRICT,
    bytesOf,
  });
  private readonly closing = new GroupCommit<Sealed<QueryRecord>, void>((items) => this.writeEnds(items), {
    ...STRICT,
    bytesOf,
    apart: dayOfRecord,
  });
  private readonly ends: DayStatement;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
    private readonly keys: Pick<StoredDataKeys, 'sealQuery'>,
    private readonly searchKey: Pick<SearchKey, 'stored'>,
  ) {
    this.ends = new DayStatement(sql, endQueries);
  }

  async record(record: QueryRecord): Promise<void> {
    await this.recording.submit(await this.sealed(record));
  }

  async open(opening: QueryOpening): Promise<void> {
    await this.opening.submit(await this.sealed(opening));
  }

  async close(record: QueryRecord): Promise<void> {
    await this.closing.submit(await this.sealed(record));
  }

  late(late: LateAnswer): Promise<void> {
    return this.recording.submit({ ...late, at: new Date() });
  }

  async drain(): Promise<void> {
    await Promise.all([this.recording.drain(), this.opening.drain(), this.closing.drain()]);
  }

  private async sealed<T extends QueryOpening>(record: T): Promise<Sealed<T>> {
    const storedKeys = await this.searchKey.stored(record);
    const sealed = record.sealFor ? await this.keys.sealQuery(record, record.sealFor) : record;
    return { ...sealed, storedKeys };
  }

  private async write<T>(items: readonly T[], add: (item: T, to: QueryRows) => void): Promise<void[]> {
    const [result] = await this.sql.run<Written>(RECORD_QUERIES, valuesOf(items, add));
    this.feed.emit(result?.events ?? null);
    return items.map(() => undefined);
  }

  /** Of one day, all of them. */
  private async writeEnds(records: readonly Sealed<QueryRecord>[]): Promise<void[]> {
    const values = valuesOf(records, (record, to) => addRecord(record, false, to));
    const [result] = await this.ends.run<Written>(dayOfRecord(records[0]!), values);
    this.feed.emit(result?.events ?? null);
    return records.map(() => undefined);
  }
}

interface Written {
  readonly events: JournalJson[] | null;
}

function valuesOf<T>(items: readonly T[], add: (item: T, to: QueryRows) => void): readonly unknown[] {
  const to: QueryRows = { rows: [], contents: [], keys: [] };
  for (const item of items) add(item, to);
  return [plainJson(to.rows), Buffer.concat(to.contents), plainJson(to.keys)];
}

const dayOfRecord = ({ message }: QueryRecord) => dayOf(message.id);

const bytesOf = (item: object): number => {
  const { content, answer, end } = item as Partial<QueryRecord>;
  const fault = end?.kind === 'failed' ? faultSize(end.fault) : 0;
  return 512 + fault + (content?.length ?? 0) + (answer?.content.length ?? 0);
};
