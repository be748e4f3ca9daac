import { newId } from '../new-id.js';
import type { AlertStore, Facts, Finding, Incident, IncidentFilter, News } from '../alerts/ports.js';
import type { AlertRule } from '../alerts/rules.js';
import { timeOf } from '../new-id.js';
import type { OpenFloor } from './open-floor.js';
import { firstIdAt } from './partitions.js';
import type { Sql } from './sql.js';

/** Of what is silenced until a time that is over nobody needs to say that it is open again. */
const STATE = `CASE WHEN state = 'silenced' AND silenced_until <= now() THEN 'open' ELSE state END`;

const COLUMNS = `id, cause, rule, kind, severity, subject, participants, value, threshold, ${STATE} AS state,
  opened_at AS "openedAt", seen_at AS "seenAt", silenced_until AS "silencedUntil", resolved_at AS "resolvedAt", by, reason`;

/** Open deliveries, those that expire first, and by their partial index. Numbers in the text keep the planner on it. */
const open = (since: string) => `
SELECT receiver_system AS system, min(receiver_participant) AS participant, count(*)::int AS open,
  min(message_id::text) AS oldest FROM (
  SELECT receiver_system, receiver_participant, message_id FROM delivery WHERE message_id >= ${since} AND ended_at IS NULL
  ORDER BY expires_at LIMIT 100000) d GROUP BY 1`;

/** $1 the first id of the window: the newest deliveries of messages that came in it, by their primary key. */
const ENDED = `
SELECT d.receiver_system AS system, min(d.receiver_participant) AS participant, count(*)::int AS ended,
  (count(*) FILTER (WHERE d.state <> 'DELIVERED'))::int AS failed,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM d.ended_at - m.accepted_at)::float8)
    FILTER (WHERE d.state = 'DELIVERED') AS p95
FROM (SELECT * FROM delivery WHERE message_id >= $1 AND kind = 'message' ORDER BY message_id DESC LIMIT 20000) d
JOIN message m ON m.id = d.message_id AND m.id >= $1 WHERE d.state IN ('DELIVERED', 'FAILED', 'EXPIRED') GROUP BY 1`;

/** The pause of a circuit grows with its breaks; its first one is not written down, so they are summed (circuits.ts). */
const SPARED = `
SELECT system, (SELECT sum(least(60, 5 * 2 ^ (n - 1))) FROM generate_series(1, least(breaks, 1000)) n)::float8 / 60 AS minutes
FROM circuit`;

/** $1 the first id that may be new. */
const HEARD = `
WITH heard AS (
  SELECT sender_participant AS participant, max(accepted_at) AS at FROM message WHERE id >= $1 GROUP BY 1
)
INSERT INTO alert_sender AS s (participant, seen_at) SELECT participant, at FROM heard ORDER BY 1
ON CONFLICT (participant) DO UPDATE SET seen_at = greatest(s.seen_at, excluded.seen_at)`;

const SENDERS = `
SELECT participant, extract(epoch FROM now() - seen_at)::float8 / 60 AS minutes FROM alert_sender`;

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

/** Senders are looked for again in what came since the last look, and a little before. */
const OVERLAP_MS = 60_000;
const FIRST_LOOK_MS = 3_600_000;

export class StoredAlerts implements AlertStore {
  private heardAt = Date.now() - FIRST_LOOK_MS;

  constructor(
    private readonly sql: Sql,
    private readonly floor: OpenFloor,
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

  async facts(windowMinutes: number): Promise<Pick<Facts, 'systems' | 'senders'>> {
    const now = Date.now();
    await this.sql.once(HEARD, [firstIdAt(this.heardAt - OVERLAP_MS)]);
    this.heardAt = now;
    const left = await this.sql.once<OpenRow>(open(await this.floor.since()), []);
    const ended = await this.sql.once<EndedRow>(ENDED, [firstIdAt(now - windowMinutes * 60_000)]);
    const spared = await this.sql.query<{ system: string; minutes: number }>(SPARED);
    const senders = await this.sql.query<Facts['senders'][number]>(SENDERS);
    return { systems: systemsOf({ open: left, ended, spared }, now), senders };
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

interface OpenRow {
  readonly system: string;
  readonly participant: string;
  readonly open: number;
  readonly oldest: string;
}

interface EndedRow {
  readonly system: string;
  readonly participant: string;
  readonly ended: number;
  readonly failed: number;
  readonly p95: number | null;
}

interface Rows {
  readonly open: readonly OpenRow[];
  readonly ended: readonly EndedRow[];
  readonly spared: readonly { readonly system: string; readonly minutes: number }[];
}

/** A circuit tells no body: of a spared system something waits, else it is no matter. */
function systemsOf({ open, ended, spared }: Rows, now: number): Facts['systems'] {
  const waiting = new Map(open.map((row) => [row.system, row]));
  const over = new Map(ended.map((row) => [row.system, row]));
  const minutes = new Map(spared.map((row) => [row.system, row.minutes]));
  return [...new Set([...waiting.keys(), ...over.keys()])].map((system) => {
    const left = waiting.get(system);
    const oldest = left ? Math.max(0, now - timeOf(left.oldest)) / 1000 : 0;
    return { ...NOTHING, ...over.get(system), ...left, oldest, system, spared: minutes.get(system) ?? null };
  });
}

const NOTHING = { participant: '', open: 0, ended: 0, failed: 0, p95: null };
