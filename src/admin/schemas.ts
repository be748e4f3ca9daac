import { FAULTS } from '../message/fault-catalogue.js';
import { EVENTS } from '../trace/events.js';
import { ALERT_SCHEMAS } from './alert-schemas.js';
import { JOB_SCHEMAS } from './job-schemas.js';
import { SESSION_SCHEMAS } from './session-schemas.js';
import { STATISTICS_SCHEMAS } from './statistics-schemas.js';
import { MESSAGE_STATES } from './message-query.js';
import { closed, integer, listOf, orNull, ref, refOrNull, state, string, time, uuid } from './schema-parts.js';

const code = { type: 'string', enum: Object.keys(FAULTS) };
const event = { type: 'string', enum: Object.keys(EVENTS) };

const attempt = {
  number: integer,
  startedAt: time,
  duration: { ...integer, description: 'milliseconds' },
  target: string,
  status: orNull(integer),
  response: { ...orNull(string), description: 'first 4 KiB of the answer; null for an operator without payloads' },
  fault: refOrNull('Fault'),
};
const stations = listOf(closed({ station: string, ms: { type: 'number' } }));

const businessKeys = listOf(
  closed({
    name: string,
    value: { ...orNull(string), description: 'null: its hash alone is kept, or the operator sees no contents' },
  }),
);

const message = {
  id: uuid,
  messageId: { ...orNull(string), description: 'the sender’s own' },
  correlationId: orNull(string),
  relatesTo: orNull(string),
  state: { type: 'string', enum: MESSAGE_STATES },
  sender: { ...string, description: 'IPA code' },
  service: orNull(string),
  version: orNull(integer),
  operation: orNull(string),
  size: { ...integer, description: 'bytes' },
  acceptedAt: time,
  fault: refOrNull('Fault'),
  deliveries: listOf(ref('Delivery')),
  receipts: listOf(ref('Receipt')),
  links: closed({ self: string, timeline: string }),
};

const READINESS = {
  type: 'object',
  additionalProperties: false,
  required: ['status'],
  properties: {
    status: { type: 'string', enum: ['up', 'degraded'] },
    degraded: { type: 'array', items: { type: 'string', enum: ['broker'] } },
  },
};

/** JSON Schema 2020-12 of what the operators' API answers, for its OpenAPI document. */
export const SCHEMAS = {
  ...JOB_SCHEMAS,
  ...SESSION_SCHEMAS,
  ...STATISTICS_SCHEMAS,
  ...ALERT_SCHEMAS,
  Problem: {
    type: 'object',
    description: 'RFC 9457',
    properties: { type: string, title: string, status: integer, detail: string, code, blame: string },
    required: ['type', 'title', 'status'],
  },
  Violation: closed(
    {
      path: string,
      line: orNull(integer),
      column: orNull(integer),
      rule: string,
      expected: string,
      found: orNull(string),
      message: string,
    },
    ['column'],
  ),
  Fault: closed({
    code,
    blame: { type: 'string', enum: ['sender', 'receiver', 'gateway'] },
    retryable: { type: 'boolean' },
    detail: string,
    place: orNull(string),
    expected: orNull(string),
    violations: listOf(ref('Violation')),
    truncated: { type: 'boolean' },
  }),
  Delivery: closed(
    {
      deliveryId: uuid,
      receiver: { ...string, description: 'IPA code' },
      state,
      attempts: integer,
      nextAttemptAt: orNull(time),
      expiresAt: time,
      endedAt: orNull(time),
      fault: refOrNull('Fault'),
      conversation: { ...orNull(string), description: 'where it goes in order; null: the sender names none' },
      sequence: { ...orNull(integer), description: 'the sender’s number in the conversation' },
      waitsForItsTurn: { type: 'boolean' },
    },
    ['conversation', 'sequence', 'waitsForItsTurn'],
  ),
  Receipt: closed({
    kind: { type: 'string', enum: ['taken', 'delivered', 'refused'] },
    id: uuid,
    messageId: string,
    correlationId: string,
    receiver: orNull(string),
    at: time,
    fault: refOrNull('Fault'),
  }),
  Note: closed({ note: { ...string, minLength: 1, maxLength: 2_000 } }),
  MessageDetail: closed({
    ...message,
    businessKeys,
    tries: {
      ...listOf(closed({ ...attempt, deliveryId: uuid, receiver: string })),
      description: 'every try of every delivery in sight, in their order',
    },
    related: listOf(
      closed({
        id: uuid,
        messageId: orNull(string),
        relation: { type: 'string', enum: ['origin', 'follow-up', 'same-correlation'] },
        profile: orNull(string),
        acceptedAt: time,
        sender: { ...string, description: 'IPA code' },
        service: orNull(string),
        operation: orNull(string),
        state: { type: 'string', enum: MESSAGE_STATES },
      }),
    ),
    notes: listOf(closed({ at: time, operator: string, note: string })),
    views: {
      anyOf: [listOf(closed({ at: time, operator: orNull(string), address: orNull(string) })), { type: 'null' }],
      description: 'who has looked at what it carried, newest first; null for operators who may not read the audit',
    },
  }),
  FoundMessage: closed({
    ...message,
    senderSystem: string,
    receivers: { ...listOf(string), description: 'IPA codes, of a refused message too' },
    protocol: { ...orNull(string), description: 'null: refused before it was known' },
    businessKeys,
    attempts: { ...integer, description: 'of the delivery with the most' },
    durationMs: { ...orNull(integer), description: 'until its last delivery ended; null: it has none, or not yet' },
    faultCode: { ...orNull(code), description: 'of the message, else of its newest delivery with one' },
  }),
  OrderResults: closed({
    items: listOf(
      closed({
        deliveryId: uuid,
        receiver: { ...string, description: 'IPA code' },
        state: { ...state, description: 'before the order' },
        done: { type: 'boolean' },
      }),
    ),
  }),
  MessagePage: closed({
    items: listOf(ref('FoundMessage')),
    next: {
      ...orNull(uuid),
      description:
        'the `before` of the next page; null on the last one. A page may have a next one and fewer than `limit`.',
    },
    searchedTo: { ...orNull(time), description: 'how far back it has looked; null: to the end' },
  }),
  Attempt: closed(attempt),
  Timeline: closed({
    id: uuid,
    entries: listOf(
      closed(
        {
          at: time,
          after: { ...integer, description: 'milliseconds since the message was taken' },
          event,
          explanation: string,
          receiver: orNull(string),
          by: string,
          from: orNull(state),
          to: orNull(state),
          stations,
          attempt: ref('Attempt'),
          fault: ref('Fault'),
          nextAttemptAt: time,
          reason: { ...string, description: 'why an operator has ordered it' },
          note: { ...string, description: 'what an operator has noted' },
          job: { ...uuid, description: 'the job of which the order was a part' },
          system: { ...string, description: 'the other system of the receiver to which it is sent anew' },
          priority: { ...integer, description: 'to which an operator has set it' },
          answer: {
            ...closed({ status: integer, size: integer, digest: { ...string, description: 'SHA-256' } }),
            description: 'what the consumer of a query was given',
          },
        },
        ['stations', 'attempt', 'fault', 'nextAttemptAt', 'reason', 'note', 'job', 'system', 'priority', 'answer'],
      ),
    ),
  }),
  Node: closed({
    version: string,
    node: string,
    roles: listOf(string),
    store: { type: 'string', enum: ['pglite', 'postgresql'] },
    broker: { type: 'string', enum: ['in-process', 'rabbitmq'] },
    brokerConnected: { type: 'boolean' },
    brokerBlocked: orNull(string),
  }),
  RotatedKeys: closed({ done: integer, left: integer }),
  Registry: closed(
    {
      revision: { ...string, description: 'number of the newest change' },
      systems: integer,
      services: integer,
      problems: {
        ...listOf(closed({ file: string, line: integer, message: string, hint: string })),
        description: 'why the newest documents are not in force; only for operators who see every participant',
      },
    },
    ['problems'],
  ),
  StoredDocument: closed({
    key: { ...string, description: 'kind, id and, of a service, its version' },
    revision: { ...integer, description: 'of the registry that wrote it; its ETag' },
    changedAt: time,
    changedBy: string,
    document: { type: 'object', description: 'see schemas/crocevia/1.0/registry.schema.json' },
    files: { type: 'object', additionalProperties: string, description: 'interface file -> sha256' },
  }),
  DocumentPage: closed({
    items: listOf(ref('StoredDocument')),
    next: { ...orNull(string), description: 'the `after` of the next page; null on the last one' },
  }),
  InterfaceChange: closed({
    kind: { type: 'string', enum: ['added', 'removed', 'changed'] },
    breaking: { type: 'boolean', description: 'a message that was right before may be refused after' },
    operation: orNull(string),
    place: string,
    message: string,
  }),
  Compatibility: closed({ changes: listOf(ref('InterfaceChange')) }),
  Publication: closed({
    key: string,
    revision: integer,
    report: closed({
      problems: listOf(
        closed({
          severity: { type: 'string', enum: ['error', 'warning'] },
          file: string,
          line: integer,
          message: string,
          hint: string,
        }),
      ),
      operations: listOf({ type: 'object', description: 'name, profile, soapAction, element, rest, eventType, input' }),
      documents: listOf(string),
      unused: listOf(string),
      title: orNull(string),
    }),
    compatibility: { anyOf: [listOf(ref('InterfaceChange')), { type: 'null' }] },
  }),
  Rehearsal: closed({
    wouldBe: { type: 'string', enum: ['accepted', 'refused'] },
    operation: orNull(string),
    agreement: { anyOf: [closed({ id: string, status: string }), { type: 'null' }] },
    route: listOf(closed({ participant: string, system: string, channel: orNull(string) })),
    faults: listOf(ref('Fault')),
  }),
  Explanation: closed({
    id: uuid,
    wouldBe: { type: 'string', enum: ['accepted', 'refused'] },
    operation: orNull(string),
    agreement: { anyOf: [closed({ id: string, status: string }), { type: 'null' }] },
    faults: listOf(ref('Fault')),
  }),
  PlannedChange: closed({
    key: string,
    action: { type: 'string', enum: ['create', 'update', 'delete'] },
    members: { ...listOf(string), description: 'of an update: what changes' },
  }),
  Plan: closed({
    changes: listOf(ref('PlannedChange')),
    problems: listOf(closed({ file: string, line: integer, message: string, hint: string })),
  }),
  Applied: closed({ revision: string, changes: listOf(ref('PlannedChange')) }),
  HistoryPage: closed({
    items: listOf(
      closed({
        seq: integer,
        revision: integer,
        at: time,
        by: string,
        reason: orNull(string),
        key: string,
        before: { ...orNull({ type: 'object' }), description: 'document and files; null: it was new' },
        after: { ...orNull({ type: 'object' }), description: 'document and files; null: it was taken away' },
      }),
    ),
    next: { ...orNull(integer), description: 'the `before` of the next page; null on the last one' },
  }),
  BrokerUser: closed({ system: string, username: string, password: string, vhost: string }),
  Health: closed({ status: { type: 'string', const: 'up' } }),
  Readiness: READINESS,
};
