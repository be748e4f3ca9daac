import { AUDIT_EVENTS } from '../trace/audit.js';
import { ACTIONS, ROLES } from './permissions.js';
import { closed, integer, listOf, orNull, ref, refOrNull, string, time } from './schema-parts.js';
import { SESSION_BODIES } from './session-bodies.js';

const codes = (description: string) => ({ ...orNull({ type: 'array' }), items: string, description });
const yes = { type: 'boolean' };

const session = {
  operator: closed({
    id: string,
    name: string,
    role: { type: 'string', enum: [...ROLES] },
    participants: codes('IPA codes of its scope; null: every participant'),
  }),
  actions: listOf({ type: 'string', enum: [...ACTIONS] }),
  session: {
    description: 'of a browser; null with a bearer token',
    anyOf: [
      closed({
        method: { type: 'string', enum: ['password', 'oidc'] },
        csrfToken: { ...string, description: 'to be sent as X-CSRF-Token with everything but GET' },
        mustChangePassword: { ...yes, description: 'nothing else may be done before' },
        secondFactor: { ...yes, description: 'its local account has one in force' },
        createdAt: time,
        expiresAt: time,
        idleSeconds: { ...integer, description: 'it is over when nothing came for so long' },
      }),
      { type: 'null' },
    ],
  },
};

/** What the doors of sessions, accounts and the audit take and answer. */
export const SESSION_SCHEMAS = {
  ...SESSION_BODIES,
  LogInMethods: closed({ password: yes, oidc: yes }),
  LoggedOut: closed({
    logOutAt: { ...orNull(string), description: 'where to go on, to log out at the issuer too' },
  }),
  Session: closed(session),
  Enrolment: closed({
    secret: { ...string, description: 'base32' },
    uri: { ...string, description: 'otpauth://, for a QR code' },
  }),
  RecoveryCodes: closed({ ...session, recoveryCodes: listOf(string) }),
  FirstPassword: closed({ operator: string, password: string }),
  Account: closed({
    operator: string,
    mustChange: yes,
    secondFactor: yes,
    recoveryCodes: { ...integer, description: 'that are left' },
    changedAt: time,
    loggedInAt: orNull(time),
  }),
  OperatorRow: closed({
    id: string,
    name: string,
    role: { type: 'string', enum: [...ROLES] },
    scope: { ...orNull(string), description: 'IPA code; null: every participant' },
    identity: { ...orNull(string), description: 'what the issuer says of it' },
    tokens: { ...integer, description: 'bearer tokens that let it in' },
    revision: { ...orNull(integer), description: 'of its document; null: it needs none' },
    account: refOrNull('Account'),
    sessions: {
      ...listOf(
        closed({
          method: { type: 'string', enum: ['password', 'oidc'] },
          address: string,
          createdAt: time,
          seenAt: time,
        }),
      ),
      description: 'that are open, the newest first',
    },
  }),
  OperatorPage: closed({
    items: listOf(ref('OperatorRow')),
    next: { ...orNull(string), description: 'the `after` of the next page; null on the last one' },
  }),
  RoleTable: closed({
    roles: listOf({ type: 'string', enum: [...ROLES] }),
    actions: listOf(
      closed({
        action: { type: 'string', enum: [...ACTIONS] },
        roles: { ...listOf({ type: 'string', enum: [...ROLES] }), description: 'that may do it' },
        scope: { ...string, description: 'where: what the scope of the operator means for it' },
      }),
    ),
  }),
  AuditRecord: closed({
    seq: integer,
    at: time,
    event: { type: 'string', enum: Object.keys(AUDIT_EVENTS) },
    operator: { ...orNull(string), description: 'who; null: nobody that is known' },
    address: { ...orNull(string), description: 'from where' },
    subject: { ...orNull(string), description: 'of what: id of a message, an operator or a job' },
    participants: codes('IPA codes of the bodies that it is about; null: the platform'),
    detail: { type: 'object', additionalProperties: string },
  }),
  AuditPage: closed({
    items: listOf(ref('AuditRecord')),
    next: { ...orNull(integer), description: 'the `before` of the next page; null on the last one' },
  }),
};
