import { newId } from '../new-id.js';
import type { AlertStore, Facts, Finding, Incident, IncidentFilter, News } from '../alerts/ports.js';
import type { AlertRule } from '../alerts/rules.js';
import type { AlertFacts } from './alert-facts.js';
import type { Sql } from './sql.js';

/** Of what is silenced until a time that is over nobody needs to say that it is open again. */
const STATE = `CASE WHEN state = 'silenced' AND silenced_until <= now() THEN 'open' ELSE state END`;

const COLUMNS = `id, cause, rule, kind, severity, subject, participants, value, threshold, ${STATE} AS state,
  opened_at AS "openedAt", seen_at AS "seenAt", silenced_until AS "silencedUntil", resolved_at AS "resolvedAt", by, reason`;

/** $1 findings (JSON), $2 milliseconds after which what is not found any more is over. */
const RECORD = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(id uuid, cause text, rule text, kind text, severity text, subject text,
    participants text[], value float8, threshold float8)
), found AS (
  INSERT INTO alert_incident AS a (id, cause, rule, kind, severity, subject, participants, value, threshold, state, opened_at, seen_at)
  SELECT id, cause, rule, kind, severity, subject, participants, value, threshold, 'open', now(), now() FROM input ORDER BY cause
  ON CONFLICT (cause) WHERE resolved_at IS NULL DO UPDATE SET value = excluded.value, seen_at = now(), rule = excluded.rule,
    threshold = excluded.threshold, severity = excluded.severity,
    told = CASE WHEN a.severity = 'warning' AND excluded.severity = 'critical' THEN NULL ELSE a.told END
)
UPDATE alert_incident SET state = 'resolved', resolved_at = now(),
  told = CASE WHEN told IS NULL OR (state = 'silenced' AND silenced_until > now()) THEN 'resolved' ELSE told END
WHERE resolved_at IS NULL AND seen_at <= now() - $2::float8 * interval '1 millisecond'
  AND cause NOT IN (SELECT cause FROM input)`;

const NEWS = `
SELECT ${COLUMNS} FROM alert_incident
WHERE told IS DISTINCT FROM 'resolved' AND ((resolved_at IS NULL AND told IS NULL
    AND NOT (state = 'silenced' AND silenced_until > now())) OR (resolved_at IS NOT NULL AND told = 'open'))
ORDER BY id LIMIT $1`;

const LIST = `
SELECT ${COLUMNS} FROM alert_incident
WHERE ($1::text IS NULL OR ${STATE} = $1) AND ($2::text IS NULL OR severity = $2)
  AND ($3::text[] IS NULL OR participants && $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`;

const PUT_RULE = `
INSERT INTO alert_rule (id, rule, changed_at) VALUES ($1, $2::jsonb, now())
ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, changed_at = now()`;

export class StoredAlerts implements AlertStore {
  constructor(
    private readonly sql: Sql,
    private readonly measured: AlertFacts,
  ) {}

  async rules(): Promise<readonly AlertRule[]> {
    const rows = await this.sql.query<{ rule: AlertRule }>(`SELECT rule FROM alert_rule ORDER BY id`);
    return rows.map(({ rule }) => rule);
  }

  async putRule(rule: AlertRule): Promise<void> {
    await this.sql.query(PUT_RULE, [rule.id, JSON.stringify(rule)]);
  }

  async removeRule(id: string): Promise<boolean> {
    return (await this.sql.query(`DELETE FROM alert_rule WHERE id = $1 RETURNING id`, [id])).length === 1;
  }

  facts(windowMinutes: number): Promise<Pick<Facts, 'systems' | 'senders'>> {
    return this.measured.read(windowMinutes);
  }

  async record(findings: readonly Finding[], clearMs: number): Promise<void> {
    const rows = findings.map((finding) => ({ id: newId(), ...finding }));
    await this.sql.query(RECORD, [JSON.stringify(rows), clearMs]);
  }

  async news(limit: number): Promise<readonly News[]> {
    const rows = await this.sql.query<Incident>(NEWS, [limit]);
    return rows.map((incident) => ({ incident, what: incident.resolvedAt === null ? 'open' : 'resolved' }));
  }

  async told(news: readonly News[]): Promise<void> {
    const text = `UPDATE alert_incident a SET told = i.what FROM unnest($1::uuid[], $2::text[]) AS i(id, what) WHERE a.id = i.id`;
    await this.sql.query(text, [news.map(({ incident }) => incident.id), news.map(({ what }) => what)]);
  }

  list(
    { state, severity, concerning }: IncidentFilter,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Incident[]> {
    const values = [state, severity, concerning, before].map((one) => one ?? null);
    return this.sql.query<Incident>(LIST, [...values, limit]);
  }

  async find(id: string): Promise<Incident | null> {
    return (await this.sql.query<Incident>(`SELECT ${COLUMNS} FROM alert_incident WHERE id = $1`, [id]))[0] ?? null;
  }

  acknowledge(id: string, operator: string, reason: string | null): Promise<boolean> {
    return this.change(`state = 'acknowledged', silenced_until = NULL`, [id, operator, reason]);
  }

  silence(id: string, operator: string, until: Date, reason: string | null): Promise<boolean> {
    return this.change(`state = 'silenced', silenced_until = $4`, [id, operator, reason, until]);
  }

  private async change(what: string, values: readonly unknown[]): Promise<boolean> {
    const text = `UPDATE alert_incident SET ${what}, by = $2, reason = $3 WHERE id = $1 AND resolved_at IS NULL RETURNING id`;
    return (await this.sql.query(text, values)).length === 1;
  }
}
