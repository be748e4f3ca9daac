import { FAULTS } from '../message/fault-catalogue.js';

import { ALERT_SCHEMAS } from './alert-schemas.js';
import { CERTIFICATE_SCHEMAS } from './certificate-schemas.js';
import { DOCUMENT_SCHEMAS } from './document-schemas.js';
import { CORRECTION_SCHEMAS } from './correction-schemas.js';
import { REPORT_SCHEMAS } from './report-schemas.js';
import { NODE_SCHEMAS } from './node-schemas.js';
import { JOB_SCHEMAS } from './job-schemas.js';
import { SERVICE_SCHEMAS } from './service-schemas.js';
import { FILTER_SCHEMAS } from './filter-schemas.js';
import { SESSION_SCHEMAS } from './session-schemas.js';
import { STATISTICS_SCHEMAS } from './statistics-schemas.js';
import { SYSTEM_SCHEMAS } from './system-schemas.js';
import { MESSAGE_SCHEMAS } from './message-schemas.js';
import { closed, integer, listOf, orNull, ref, string, time, uuid } from './schema-parts.js';

const code = { type: 'string', enum: Object.keys(FAULTS) };

const READINESS = {
  type: 'object',
  additionalProperties: false,
  required: ['status'],
  properties: {
    status: { type: 'string', enum: ['up', 'degraded'] },
    degraded: { type: 'array', items: { type: 'string', enum: ['broker', 'queues'] } },
    maintenance: { type: 'boolean', const: true, description: 'nothing new is taken; left out: there is none' },
  },
};

/** JSON Schema 2020-12 of what the operators' API answers, for its OpenAPI document. */
export const SCHEMAS = {
  ...MESSAGE_SCHEMAS,
  ...JOB_SCHEMAS,
  ...NODE_SCHEMAS,
  ...SESSION_SCHEMAS,
  ...FILTER_SCHEMAS,
  ...STATISTICS_SCHEMAS,
  ...ALERT_SCHEMAS,
  ...REPORT_SCHEMAS,
  ...CORRECTION_SCHEMAS,
  ...CERTIFICATE_SCHEMAS,
  ...SYSTEM_SCHEMAS,
  ...SERVICE_SCHEMAS,
  ...DOCUMENT_SCHEMAS,
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
        revision: integer,
        at: time,
        by: string,
        reason: orNull(string),
        key: string,
        action: { type: 'string', enum: ['create', 'update', 'delete'] },
        before: {
          ...orNull({ type: 'object' }),
          description: 'document and files; null: it was new, or is out of scope',
        },
        after: {
          ...orNull({ type: 'object' }),
          description: 'document and files; null: it was taken away, or is out of scope',
        },
      }),
    ),
    next: { ...orNull(string), description: 'the `before` of the next page; null on the last one' },
  }),
  BrokerUser: closed({ system: string, username: string, password: string, vhost: string }),
  Health: closed({ status: { type: 'string', const: 'up' } }),
  Readiness: READINESS,
};
