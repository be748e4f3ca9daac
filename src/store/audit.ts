import type { AuditEntry, AuditFilter, AuditLog, AuditRecord } from '../trace/audit.js';
import { plainJson } from './plain-json.js';
import type { Sql } from './sql.js';

const WRITE = `
INSERT INTO audit (at, event, operator, address, subject, participants, detail)
VALUES (now(), $1, $2, $3, $4, $5, $6::jsonb)`;

const LIST = `
SELECT seq::float8 AS seq, at, event, operator, address, subject, participants, detail FROM audit
WHERE ($1::text IS NULL OR event = $1) AND ($2::text IS NULL OR operator = $2) AND ($3::text IS NULL OR subject = $3)
  AND ($4::text[] IS NULL OR participants && $4) AND ($5::bigint IS NULL OR seq < $5)
ORDER BY seq DESC LIMIT $6`;

export class StoredAudit implements AuditLog {
  constructor(private readonly sql: Sql) {}

  async write({ event, operator, address, subject, participants, detail }: AuditEntry): Promise<void> {
    await this.sql.query(WRITE, [event, operator, address, subject, participants, plainJson(detail)]);
  }

  list(
    { event, operator, subject, concerning }: AuditFilter,
    { limit, before }: { readonly limit: number; readonly before?: number },
  ): Promise<readonly AuditRecord[]> {
    const values = [event, operator, subject, concerning, before].map((one) => one ?? null);
    return this.sql.query<AuditRecord>(LIST, [...values, limit]);
  }
}
