import type { Job } from '../delivery/jobs/ports.js';
import type { AuditEntry, AuditEvent } from '../trace/audit.js';
import type { ActingOperator } from './permissions.js';

interface About {
  readonly subject?: string;
  /** IPA codes; null: the platform. Left out: those of the operator's own scope. */
  readonly participants?: readonly string[] | null;
  readonly detail?: Readonly<Record<string, string>>;
}

/** That an operator did something from an address. */
export const entryOf = (
  event: AuditEvent,
  { id, participants: own }: Pick<ActingOperator, 'id' | 'participants'>,
  address: string,
  { subject, participants, detail = {} }: About = {},
): AuditEntry => ({
  event,
  operator: id,
  address,
  subject: subject ?? null,
  participants: participants === undefined ? own && [...own] : participants,
  detail,
});

export const jobEntry = (event: AuditEvent, job: Job, operator: ActingOperator, address: string): AuditEntry =>
  entryOf(event, operator, address, {
    subject: job.id,
    participants: job.scope,
    detail: { action: job.action, state: job.state },
  });
