import { EntitySchema } from 'typeorm';
import type { Account, PageFilters, Session } from '../../login/ports.js';
import type { AuditEntry } from '../../trace/audit.js';

export const SessionEntity = new EntitySchema<{ -readonly [K in keyof Session]: Session[K] }>({
  name: 'OperatorSession',
  tableName: 'operator_session',
  columns: {
    hash: { type: 'text', primary: true, primaryKeyConstraintName: 'operator_session_pkey' },
    operator: { type: 'text' },
    method: { type: 'text' },
    role: { type: 'text' },
    scope: { type: 'text', nullable: true },
    mustChange: { name: 'must_change', type: 'boolean' },
    address: { type: 'text' },
    idToken: { name: 'id_token', type: 'text', nullable: true },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    seenAt: { name: 'seen_at', type: 'timestamptz' },
    expiresAt: { name: 'expires_at', type: 'timestamptz' },
  },
  indices: [{ name: 'operator_session_by_operator', columns: ['operator', 'createdAt'] }],
});

/** `totpStep`: the last time step of which a code was used. */
export const AccountEntity = new EntitySchema<Account & { totpStep: string }>({
  name: 'OperatorAccount',
  tableName: 'operator_account',
  columns: {
    operator: { type: 'text', primary: true, primaryKeyConstraintName: 'operator_account_pkey' },
    hash: { type: 'text' },
    mustChange: { name: 'must_change', type: 'boolean' },
    totp: { type: 'text', nullable: true },
    totpPending: { name: 'totp_pending', type: 'text', nullable: true },
    totpStep: { name: 'totp_step', type: 'bigint' },
    recovery: { type: 'text', array: true },
    devices: { type: 'text', array: true },
    changedAt: { name: 'changed_at', type: 'timestamptz' },
    loggedInAt: { name: 'logged_in_at', type: 'timestamptz', nullable: true },
  },
});

export const SavedFilterEntity = new EntitySchema<PageFilters & { operator: string }>({
  name: 'SavedFilter',
  tableName: 'operator_filter',
  columns: {
    operator: { type: 'text', primary: true, primaryKeyConstraintName: 'operator_filter_pkey' },
    page: { type: 'text', primary: true, primaryKeyConstraintName: 'operator_filter_pkey' },
    filters: { type: 'jsonb' },
  },
});

export const AuditEntity = new EntitySchema<AuditEntry & { seq: string; at: Date }>({
  name: 'Audit',
  tableName: 'audit',
  columns: {
    seq: { type: 'bigint', primary: true, primaryKeyConstraintName: 'audit_pkey', generated: 'increment' },
    at: { type: 'timestamptz' },
    event: { type: 'text' },
    operator: { type: 'text', nullable: true },
    address: { type: 'text', nullable: true },
    subject: { type: 'text', nullable: true },
    participants: { type: 'text', array: true, nullable: true },
    detail: { type: 'jsonb' },
  },
  indices: [{ name: 'audit_by_at', columns: ['at'] }],
});
