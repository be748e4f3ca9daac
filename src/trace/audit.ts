/** What operators do that is no event of a message, and who looks at contents. The only list of its names. */
export const AUDIT_EVENTS = {
  'session.begun': 'An operator has logged in.',
  'session.refused': 'A log-in was refused.',
  'session.ended': 'An operator has logged out.',
  'sessions.ended': 'All sessions of an operator were ended.',
  'password.changed': 'An operator has changed its password.',
  'second-factor.enrolled': 'An operator has enrolled a second factor.',
  'second-factor.removed': 'An operator has removed its second factor.',
  'account.made': 'An account was given a first password, which must be changed.',
  'account.removed': 'A local account was taken away.',
  'content.viewed': 'An operator looked at what a message carried.',
  'messages.exported': 'An operator took what a search finds away as a file.',
  'message.noted': 'An operator has written a note on a message.',
  'correction.proposed': 'An operator has written an edited copy of a message.',
  'correction.approved': 'Another operator has approved an edited copy; it was sent, or refused.',
  'correction.rejected': 'An edited copy of a message is not sent.',
  'test-message.sent': 'An operator has sent a test message in the name of a system.',
  'queue.released': 'What waited for its next try at a system was released.',
  'queue.prioritised': 'What waits for a system was given another priority.',
  'system.tested': 'An operator has looked whether a system can be reached.',
  'participant.suspended': 'A body was shut out.',
  'participant.resumed': 'A body that was shut out takes part again.',
  'alert.acknowledged': 'An operator has taken an incident on.',
  'alert.silenced': 'An operator has silenced an incident for a while.',
  'alert-rule.changed': 'A rule for alerts was written.',
  'alert-rule.removed': 'A rule for alerts was taken away.',
  'report-schedule.made': 'An operator has reports sent by mail.',
  'report-schedule.removed': 'Reports are sent by mail no longer.',
  'report.sent': 'An operator had a report sent by mail at once.',
  'maintenance.begun': 'An operator has the gateway take nothing new, or has changed until when.',
  'maintenance.ended': 'An operator lets the gateway take messages again, or (`gateway`) its time was over.',
  'diagnostics.taken': 'An operator has taken the diagnostics of a node away as a file.',
  'job.made': 'A job was ordered.',
  'job.approved': 'Another operator has approved a job.',
  'job.rejected': 'Another operator has rejected a job.',
} as const;

export type AuditEvent = keyof typeof AUDIT_EVENTS;

export interface AuditEntry {
  readonly event: AuditEvent;
  /** Who; null: nobody that is known. */
  readonly operator: string | null;
  /** From where: the address of the connection. */
  readonly address: string | null;
  /** Of what: id of a message, an operator, a job, an incident or a rule. */
  readonly subject: string | null;
  /** IPA codes of the bodies that it is about; null: the platform. */
  readonly participants: readonly string[] | null;
  readonly detail: Readonly<Record<string, string>>;
}

export interface AuditRecord extends AuditEntry {
  /** Ascending. */
  readonly seq: number;
  readonly at: Date;
}

export interface AuditFilter {
  readonly event?: AuditEvent;
  readonly operator?: string;
  readonly subject?: string;
  /** Only what is about one of these bodies. */
  readonly concerning?: readonly string[];
}

/** Who did what, when and from where. Throws Fault store-unavailable. */
export interface AuditLog {
  write(entry: AuditEntry): Promise<void>;
  /** Newest first; `before` is the number of the last one seen. */
  list(
    filter: AuditFilter,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<readonly AuditRecord[]>;
}
