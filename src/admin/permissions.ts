import type { Session } from '../login/ports.js';
import { Fault } from '../message/fault.js';
import { below } from '../registry/below.js';
import type { Operator, OperatorRole, Participant } from '../registry/model.js';

/** The table: what each role may do. Where it may do it is its scope, see {@link participantsOf}. */
const ALLOWED = {
  'messages.read': ['platform', 'service-centre', 'participant', 'auditor'],
  /** What a message carried, and what its receiver answered. */
  'messages.payload': ['platform', 'service-centre', 'participant'],
  /** To write a note on a message, which everybody reads who sees it. */
  'messages.note': ['platform', 'service-centre', 'participant'],
  /** To send a message anew, or to withdraw it. */
  'messages.resend': ['platform', 'service-centre'],
  /** To write an edited copy of a message, and to approve another's. */
  'messages.correct': ['platform', 'service-centre'],
  /** To send an example in the name of a system, marked as a test. */
  'messages.test': ['platform', 'service-centre', 'participant'],
  'events.read': ['platform', 'service-centre', 'participant', 'auditor'],
  /** What was counted, and how queues stand. */
  'statistics.read': ['platform', 'service-centre', 'participant', 'auditor'],
  /** To have reports sent by mail. */
  'reports.schedule': ['platform', 'service-centre', 'participant'],
  'registry.read': ['platform', 'service-centre', 'participant', 'auditor'],
  'registry.write': ['platform', 'service-centre'],
  'registry.reload': ['platform'],
  /** The whole registry, credentials' hashes included. */
  'registry.transfer': ['platform'],
  'service.publish': ['platform', 'service-centre', 'participant'],
  'agreement.request': ['platform', 'service-centre', 'participant'],
  'agreement.grant': ['platform', 'service-centre', 'participant'],
  'agreement.suspend': ['platform', 'service-centre', 'participant'],
  /** To hold a system back, and to let it go on. */
  'system.pause': ['platform', 'service-centre', 'participant'],
  /** To look whether its addresses can be reached. */
  'system.test': ['platform', 'service-centre', 'participant'],
  /** To have all that waits for a system tried now, or with another priority. */
  'queue.order': ['platform', 'service-centre', 'participant'],
  /** To shut a body out, and to let it take part again. */
  'participant.suspend': ['platform', 'service-centre'],
  'broker.grant': ['platform', 'service-centre'],
  /** To seal anew with the first master key. */
  'keys.rotate': ['platform'],
  'alerts.read': ['platform', 'service-centre', 'participant', 'auditor'],
  /** To acknowledge and to silence. */
  'alerts.handle': ['platform', 'service-centre', 'participant'],
  'alerts.rules': ['platform'],
  'node.read': ['platform', 'auditor'],
  /** To take what a support case needs away as a file. */
  'gateway.diagnose': ['platform'],
  /** To have the gateway take nothing new, and to let it again. */
  'gateway.maintain': ['platform'],
  'audit.read': ['platform', 'auditor'],
  /** To give an operator a first password, and to end its sessions. */
  'account.write': ['platform'],
} as const satisfies Record<string, readonly OperatorRole[]>;

export const ROLES: readonly OperatorRole[] = ['platform', 'service-centre', 'participant', 'auditor'];

export type Action = keyof typeof ALLOWED;

export const ACTIONS = Object.keys(ALLOWED) as readonly Action[];

export const rolesFor = (action: Action): readonly OperatorRole[] => ALLOWED[action];

export const allows = (role: OperatorRole, action: Action): boolean => rolesFor(action).includes(role);

const MESSAGES = 'messages of which the sender or a receiver is in scope; others do not exist (404)';
const JOBS = `${MESSAGES}; jobs whose whole scope it has`;
const BODIES = 'documents about bodies in scope; others do not exist (404) or are refused (403)';

/** What the scope of an operator means for each action; docs/permissions.md prints it. */
export const SCOPES: Readonly<Record<Action, string>> = {
  'messages.read': JOBS,
  'messages.payload': MESSAGES,
  'messages.note': MESSAGES,
  'messages.resend': JOBS,
  'messages.correct': 'messages of which the sender is in scope; their corrections, others do not exist (404)',
  'messages.test': 'the bodies of the sending system and of the receiver are in scope',
  'events.read': MESSAGES,
  'statistics.read': 'sums of what bodies in scope send and receive',
  'reports.schedule': 'its own schedules, whose reports have its scope; without a scope everybody’s',
  'registry.read': `${BODIES}; published interfaces are everybody’s`,
  'registry.write': BODIES,
  'registry.reload': 'none: the platform',
  'registry.transfer': 'none: the platform',
  'service.publish': 'services whose owner is in scope',
  'agreement.request': 'the consumer is in scope',
  'agreement.grant': 'the provider is in scope',
  'agreement.suspend': 'the provider is in scope; to revoke, either side',
  'system.pause': 'the system’s body is in scope',
  'system.test': 'the system’s body is in scope; others do not exist (404)',
  'queue.order': 'the system’s body is in scope; others do not exist (404)',
  'participant.suspend': 'the body is in scope; others do not exist (404)',
  'broker.grant': 'the system’s body is in scope',
  'keys.rotate': 'none: the platform',
  'alerts.read': 'incidents about bodies in scope; those of the platform without a scope. Rules are everybody’s',
  'alerts.handle': 'incidents about bodies in scope; others do not exist (404)',
  'alerts.rules': 'none: the platform',
  'node.read': 'none: the node is everybody’s',
  'gateway.diagnose': 'none: the platform',
  'gateway.maintain': 'none: the platform',
  'audit.read': 'what concerns a body in scope',
  'account.write': 'none: the platform',
};

/** An operator at work. */
export interface ActingOperator {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  /** IPA codes that it may see and act on; null: every one, those of no participant included. */
  readonly participants: ReadonlySet<string> | null;
  /** The browser's session by which it came; none: a bearer token. */
  readonly session?: Session;
}

/** The participants of an operator's scope: itself and, unless it is a participant's operator, every one below it. */
export function participantsOf(
  { role, scope }: Pick<Operator, 'role' | 'scope'>,
  tree: readonly Pick<Participant, 'id' | 'parent'>[],
): ReadonlySet<string> | null {
  if (role === 'platform') return null;
  if (scope === null) return role === 'auditor' ? null : new Set();
  return role === 'participant' ? new Set([scope]) : below(scope, tree);
}

/** Throws operator-not-allowed where the participant is out of the operator's scope. */
export function requireScope({ id, participants }: ActingOperator, participant: string): void {
  if (participants === null || participants.has(participant)) return;
  throw new Fault('operator-not-allowed', { detail: `${participant} is not in the scope of operator ${id}.` });
}
