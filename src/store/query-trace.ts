import type { LateAnswer, QueryRecord, QueryTrace } from '../query/ports.js';
import { RECORD_LATE, RECORD_QUERIES } from './accept-sql.js';
import type { JournalJson, LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { messageColumns } from './message-store.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

type Late = LateAnswer & { readonly at: Date };

/** Nobody waits for these: batches may be big and slow. */
const LIMITS = { maxItems: 500, maxBytes: Infinity, paceMs: 50, concurrency: 1, maxQueued: 20_000, bytesOf: () => 0 };

/** Questions as they have ended, written behind by group commit. */
export class LedgerQueryTrace implements QueryTrace {
  private readonly recording: GroupCommit<QueryRecord, void>;
  private readonly lateness: GroupCommit<Late, void>;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    this.recording = new GroupCommit((records) => this.write(RECORD_QUERIES, records.map(rowOf)), LIMITS);
    this.lateness = new GroupCommit((late) => this.write(RECORD_LATE, late.map(lateRowOf)), LIMITS);
  }

  record(record: QueryRecord): Promise<void> {
    return this.recording.submit(record);
  }

  late(late: LateAnswer): Promise<void> {
    return this.lateness.submit({ ...late, at: new Date() });
  }

  async drain(): Promise<void> {
    await Promise.all([this.recording.drain(), this.lateness.drain()]);
  }

  private async write(statement: string, rows: readonly object[]): Promise<void[]> {
    const [result] = await this.sql.run<{ events: JournalJson[] | null }>(statement, [plainJson(rows)]);
    this.feed.emit(result?.events ?? null);
    return rows.map(() => undefined);
  }
}

function rowOf({ message, receiver, end, endedAt, stations }: QueryRecord): object {
  const fault = end.kind === 'failed' ? end.fault : null;
  return {
    ...messageColumns(message),
    receiver: receiver.participant,
    state: fault ? 'PARTIALLY_FAILED' : 'COMPLETED',
    failed: fault ? 1 : 0,
    fault,
    event: fault ? 'query.failed' : 'query.answered',
    ended_at: endedAt,
    asked: { receiver: receiver.participant, size: message.size },
    detail: {
      receiver: receiver.participant,
      stations,
      ...(fault ? { fault } : end.kind === 'answered' && { size: end.size, status: end.status }),
    },
  };
}

const lateRowOf = ({ id, at, outcome }: Late): object => ({
  id,
  at,
  detail: { status: outcome.status, size: outcome.body.length },
});
