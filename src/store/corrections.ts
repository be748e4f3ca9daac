import type { FaultCode } from '../message/fault-catalogue.js';
import {
  DECISION_MS,
  type Correction,
  type CorrectionPage,
  type CorrectionStore,
  type NewCorrection,
} from '../corrections/ports.js';
import type { StoredDataKeys } from './data-keys.js';
import { isUuid } from '../new-id.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

const COLUMNS = `id, message_id AS "messageId", sender, system, receiver, service, version, operation, headers, size, reason, state,
  operator, created_at AS "createdAt", decided_by AS "decidedBy", decided_at AS "decidedAt", decision_reason AS "decisionReason",
  sent_as AS "sentAs", fault`;

const ADD = `
INSERT INTO correction (id, message_id, sender, system, receiver, service, version, operation, headers, size, reason, operator, content, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING ${COLUMNS}`;

const LIST = `
SELECT ${COLUMNS} FROM correction
WHERE ($1::text[] IS NULL OR sender = ANY ($1)) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4`;

const CLAIM = `
UPDATE correction SET state = 'SENDING', decided_by = $2, decided_at = now(), decision_reason = $3
WHERE id = $1 AND operator <> $2 AND (state = 'PROPOSED' AND created_at > now() - $4::float8 * interval '1 millisecond'
  OR state = 'SENDING' AND decided_at < now() - interval '1 minute')
RETURNING ${COLUMNS}`;

/** $1 correction, $2 the message that it became. */
const SENT = `
WITH done AS (
  UPDATE correction SET state = 'SENT', sent_as = $2, content = NULL, sealed = NULL WHERE id = $1 AND state = 'SENDING' RETURNING *
), written AS (
  INSERT INTO journal (message_id, event, at, by, detail)
  SELECT v.of, 'message.corrected', now(), 'operator:' || d.decided_by,
    jsonb_build_object('original', d.message_id, 'copy', d.sent_as, 'receiver', d.receiver, 'by', d.operator, 'reason', d.reason)
  FROM done d, LATERAL (VALUES (d.message_id), (d.sent_as)) AS v(of) RETURNING ${JOURNAL_COLUMNS}
)
SELECT ${COLUMNS}, (SELECT json_agg(written) FROM written) AS events FROM done`;

const REFUSED = `
UPDATE correction SET state = CASE WHEN $3 THEN 'PROPOSED' ELSE 'REFUSED' END, fault = $2,
  content = CASE WHEN $3 THEN content END, sealed = CASE WHEN $3 THEN sealed END
WHERE id = $1 AND state = 'SENDING' RETURNING ${COLUMNS}`;

const REJECT = `
UPDATE correction SET state = 'REJECTED', decided_by = $2, decided_at = now(), decision_reason = $3, content = NULL, sealed = NULL
WHERE id = $1 AND state = 'PROPOSED' RETURNING ${COLUMNS}`;

type Row = Correction & Record<string, unknown>;

export class StoredCorrections implements CorrectionStore {
  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
    private readonly keys: Pick<StoredDataKeys, 'sealContent' | 'openContent'>,
  ) {}

  async add(correction: NewCorrection, content: Buffer, sealFor: string | null): Promise<Correction> {
    const { id, messageId, sender, system, receiver, service, version, operation, headers, size, reason, operator } =
      correction;
    const kept = sealFor === null ? { sealed: null, content } : await this.keys.sealContent(sealFor, id, content);
    const whose = [id, messageId, sender, system, receiver, service, version, operation];
    const values = [...whose, plainJson(headers), size, reason, operator, kept.content, kept.sealed];
    return (await this.one(ADD, values))!;
  }

  find(id: string): Promise<Correction | null> {
    return isUuid(id) ? this.one(`SELECT ${COLUMNS} FROM correction WHERE id = $1`, [id]) : Promise.resolve(null);
  }

  list({ senders, state, before, limit }: CorrectionPage): Promise<readonly Correction[]> {
    return this.sql.query<Row>(LIST, [senders, state ?? null, before ?? null, limit]);
  }

  async content(id: string): Promise<Buffer | null> {
    const text = `SELECT content, sealed FROM correction WHERE id = $1`;
    const [row] = await this.sql.query<{ content: Buffer | null; sealed: string | null }>(text, [id]);
    return row?.content ? this.keys.openContent(row.sealed, id, row.content) : null;
  }

  claim(id: string, operator: string, reason: string | null): Promise<Correction | null> {
    return this.one(CLAIM, [id, operator, reason, DECISION_MS]);
  }

  async sent(id: string, sentAs: string): Promise<Correction | null> {
    const [row] = await this.sql.query<Row & { events: JournalJson[] | null }>(SENT, [id, sentAs]);
    if (!row) return null;
    const { events, ...correction } = row;
    this.feed.emit(events);
    return correction;
  }

  refused(id: string, fault: FaultCode, isRetryable: boolean): Promise<Correction | null> {
    return this.one(REFUSED, [id, fault, isRetryable]);
  }

  reject(id: string, operator: string, reason: string): Promise<Correction | null> {
    return this.one(REJECT, [id, operator, reason]);
  }

  private async one(text: string, values: readonly unknown[]): Promise<Correction | null> {
    return (await this.sql.query<Row>(text, [...values]))[0] ?? null;
  }
}
