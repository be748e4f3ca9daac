import { checked, compiled } from './checked.js';
import { RULE_KINDS, SEVERITIES, type AlertRule } from '../alerts/rules.js';
import { closed, integer, listOf, orNull, ref, string, time, uuid } from './schema-parts.js';
import { wrong } from './query-values.js';

export const INCIDENT_STATES = ['open', 'acknowledged', 'silenced', 'resolved'] as const;

const kind = { type: 'string', enum: Object.keys(RULE_KINDS) };
const severity = { type: 'string', enum: [...SEVERITIES] };
const number = { type: 'number' };

const RULE = {
  kind,
  enabled: { type: 'boolean' },
  severity,
  threshold: { ...number, minimum: 0, maximum: 1_000_000_000, description: 'in `unit`' },
  windowMinutes: { ...integer, minimum: 1, maximum: 1_440 },
  participant: {
    ...orNull({ type: 'string' }),
    maxLength: 64,
    pattern: '^[^\\u0000]*$',
    description: 'IPA code; null: all',
  },
};

/** JSON Schema of what the doors of alerts answer and take. */
export const ALERT_SCHEMAS = {
  AlertRuleBody: closed(RULE, ['participant', 'windowMinutes']),
  AlertRule: closed({
    id: string,
    ...RULE,
    unit: string,
    tells: string,
    isDefault: { type: 'boolean', description: 'true: as it was delivered' },
  }),
  AlertRules: closed({ items: listOf(ref('AlertRule')) }),
  Incident: closed({
    id: uuid,
    cause: string,
    rule: string,
    kind,
    severity,
    subject: string,
    participants: { type: ['array', 'null'], items: string, description: 'IPA codes; null: the platform' },
    value: number,
    threshold: number,
    state: { type: 'string', enum: [...INCIDENT_STATES] },
    openedAt: time,
    seenAt: time,
    silencedUntil: orNull(time),
    resolvedAt: orNull(time),
    by: orNull(string),
    reason: orNull(string),
  }),
  IncidentPage: closed({ items: listOf(ref('Incident')), next: orNull(string) }),
  ChannelTests: closed({
    channels: listOf(closed({ channel: { type: 'string', enum: ['mail', 'webhook'] }, error: orNull(string) })),
  }),
};

const isRule = compiled(ALERT_SCHEMAS.AlertRuleBody);

const LEFT_OUT: Partial<AlertRule> = { windowMinutes: 15, participant: null };
const RULE_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Throws parameter-wrong. */
export function ruleOf(id: string, body: unknown): AlertRule {
  if (!RULE_ID.test(id)) throw wrong('id', 'lower-case letters, digits and -, 64 at most');
  return { ...LEFT_OUT, ...checked<Omit<AlertRule, 'id'>>(isRule, body), id };
}
