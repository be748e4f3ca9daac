import type { MessageNotes } from '../trace/ports.js';
import { DayStatement, type TableOf } from './day-statement.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { dayOf } from './partitions.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

/** $1 message, $2 who, $3 from where, $4 detail of the journal (JSON). */
const noted = (tableOf: TableOf) => `
WITH found AS MATERIALIZED (
  SELECT m.id, m.sender_participant, m.receiver FROM ${tableOf('message')} m WHERE m.id = $1::uuid
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT id, 'message.noted', now(), 'operator:' || $2::text, $4::jsonb FROM found RETURNING ${JOURNAL_COLUMNS}
), party AS (
  SELECT sender_participant AS code FROM found
  UNION SELECT receiver FROM found WHERE receiver IS NOT NULL
  UNION SELECT receiver_participant FROM ${tableOf('delivery')} WHERE message_id = $1::uuid
), audited AS (
  INSERT INTO audit (at, event, operator, address, subject, participants, detail)
  SELECT now(), 'message.noted', $2::text, $3::text, id::text, (SELECT array_agg(code) FROM party), '{}' FROM found
)
SELECT json_agg(written) AS events FROM written`;

export class LedgerNotes implements MessageNotes {
  private readonly noting: DayStatement;

  constructor(
    sql: Sql,
    private readonly feed: LedgerFeed,
  ) {
    this.noting = new DayStatement(sql, noted);
  }

  async add(id: string, note: string, operator: string, address: string): Promise<void> {
    const values = [id, operator, address, plainJson({ note })];
    const [row] = await this.noting.query<{ events: JournalJson[] | null }>(dayOf(id), values);
    this.feed.emit(row?.events ?? null);
  }
}
