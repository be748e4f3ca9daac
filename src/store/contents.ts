import type { StoredContent } from '../message/content.js';
import type { MessageContents, ViewedContent } from '../trace/ports.js';
import { isUuid } from '../new-id.js';
import { DayStatement, type TableOf } from './day-statement.js';
import type { OpensContent } from './delivery-ledger.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { dayOf } from './partitions.js';
import type { Sql } from './sql.js';

interface Row {
  readonly content: Buffer | null;
  readonly stored: StoredContent | null;
  readonly sealed: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly events: JournalJson[] | null;
}

/** $1 message, $2 who looks, $3 from where. */
const view = (tableOf: TableOf) => `
WITH found AS MATERIALIZED (
  SELECT p.content, p.stored, p.sealed, m.headers FROM ${tableOf('payload')} p
  JOIN ${tableOf('message')} m ON m.id = p.message_id
  WHERE p.message_id = $1::uuid
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT $1::uuid, 'message.viewed', now(), 'operator:' || $2::text, '{}' FROM found RETURNING ${JOURNAL_COLUMNS}
), party AS (
  SELECT sender_participant AS code FROM ${tableOf('message')} WHERE id = $1::uuid
  UNION SELECT receiver FROM ${tableOf('message')} WHERE id = $1::uuid AND receiver IS NOT NULL
  UNION SELECT receiver_participant FROM ${tableOf('delivery')} WHERE message_id = $1::uuid
), audited AS (
  INSERT INTO audit (at, event, operator, address, subject, participants, detail)
  SELECT now(), 'content.viewed', $2::text, $3::text, $1::uuid::text, (SELECT array_agg(code) FROM party), '{}' FROM found
)
SELECT (SELECT content FROM found), (SELECT stored FROM found), (SELECT sealed FROM found), (SELECT headers FROM found), (SELECT json_agg(written) FROM written) AS events`;

export class LedgerContents implements MessageContents {
  private readonly viewing: DayStatement;

  constructor(
    sql: Sql,
    private readonly feed: LedgerFeed,
    private readonly keys: OpensContent,
  ) {
    this.viewing = new DayStatement(sql, view);
  }

  async view(id: string, operator: string, address: string): Promise<ViewedContent | null> {
    const [row] = isUuid(id) ? await this.viewing.query<Row>(dayOf(id), [id, operator, address]) : [];
    this.feed.emit(row?.events ?? null);
    if (!row) return null;
    const held = row.content && (await this.keys.openContent(row.sealed, id, row.content));
    const content = held ?? row.stored;
    return content ? { content, headers: row.headers ?? {} } : null;
  }
}
