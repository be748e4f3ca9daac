import { EntitySchema } from 'typeorm';
import type { Incident } from '../../alerts/ports.js';
import type { AlertRule } from '../../alerts/rules.js';

export const AlertRuleEntity = new EntitySchema<{ id: string; rule: AlertRule; changedAt: Date }>({
  name: 'AlertRule',
  tableName: 'alert_rule',
  columns: {
    id: { type: 'text', primary: true, primaryKeyConstraintName: 'alert_rule_pkey' },
    rule: { type: 'jsonb' },
    changedAt: { name: 'changed_at', type: 'timestamptz' },
  },
});

/** `told`: what people were told last, open or resolved. */
export const IncidentEntity = new EntitySchema<Incident & { told: string | null }>({
  name: 'AlertIncident',
  tableName: 'alert_incident',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'alert_incident_pkey' },
    cause: { type: 'text' },
    rule: { type: 'text' },
    kind: { type: 'text' },
    severity: { type: 'text' },
    subject: { type: 'text' },
    participants: { type: 'text', array: true, nullable: true },
    value: { type: 'float8' },
    threshold: { type: 'float8' },
    state: { type: 'text' },
    openedAt: { name: 'opened_at', type: 'timestamptz' },
    seenAt: { name: 'seen_at', type: 'timestamptz' },
    silencedUntil: { name: 'silenced_until', type: 'timestamptz', nullable: true },
    resolvedAt: { name: 'resolved_at', type: 'timestamptz', nullable: true },
    by: { type: 'text', nullable: true },
    reason: { type: 'text', nullable: true },
    told: { type: 'text', nullable: true },
  },
  indices: [
    { name: 'alert_incident_cause', columns: ['cause'], unique: true, where: `(resolved_at IS NULL)` },
    { name: 'alert_incident_untold', columns: ['id'], where: `(told IS DISTINCT FROM 'resolved'::text)` },
  ],
});

export const SenderEntity = new EntitySchema<{ participant: string; seenAt: Date }>({
  name: 'AlertSender',
  tableName: 'alert_sender',
  columns: {
    participant: { type: 'text', primary: true, primaryKeyConstraintName: 'alert_sender_pkey' },
    seenAt: { name: 'seen_at', type: 'timestamptz' },
  },
});
