import { FAULTS } from '../message/fault-catalogue.js';
import { ROUNDS } from '../trace/rounds.js';
import { closed, integer, listOf, orNull, ref, refOrNull, string, time } from './schema-parts.js';

const fault = orNull({ type: 'string', enum: Object.keys(FAULTS) });
const place = { type: 'string', enum: ['data', 'payloads'] };
const bytes = { ...integer, description: 'bytes' };
const ms = { type: 'number', description: 'milliseconds' };

/** Of a node and what it stands on. */
export const NODE_SCHEMAS = {
  Node: closed({
    version: string,
    node: string,
    roles: listOf(string),
    store: { type: 'string', enum: ['pglite', 'postgresql'] },
    broker: { type: 'string', enum: ['in-process', 'rabbitmq'] },
    brokerConnected: { type: 'boolean' },
    brokerBlocked: orNull(string),
  }),
  Disk: closed({ place, free: bytes, size: bytes }),
  Round: closed({
    name: { type: 'string', enum: ROUNDS },
    startedAt: time,
    ms,
    done: { type: 'object', additionalProperties: integer, description: 'how much of each kind' },
    fault,
  }),
  Database: closed({
    version: string,
    startedAt: { ...time, description: 'when this server began' },
    ms: { ...ms, description: 'until it answered, milliseconds' },
    bytes: { ...bytes, description: 'its size, at most 15 s old' },
    migrations: closed({
      applied: integer,
      last: string,
      pending: { ...listOf(string), description: 'of this version, and not in the database' },
      foreign: { ...listOf(string), description: 'in the database, of another version' },
    }),
    archive: {
      ...closed({ mode: string, archivedAt: orNull(time), failedAt: orNull(time) }),
      description: 'of the write-ahead log',
    },
    baseBackup: {
      ...closed({
        isVisible: {
          type: 'boolean',
          description: 'false: no log is archived, or the user of the gateway may not look (`pg_monitor`)',
        },
        endedAt: { ...orNull(time), description: 'of the last one; null: this server knows of none' },
      }),
      description: 'taken from this server itself',
    },
    nodes: { ...listOf(string), description: 'connected now; none where it is embedded' },
    leases: {
      ...listOf(closed({ name: string, owner: string, until: time })),
      description: 'which node does what only one does at a time',
    },
  }),
  System: closed({
    at: time,
    startedAt: { ...time, description: 'when this process began' },
    nodejs: string,
    memory: closed({ used: bytes, size: { ...bytes, description: 'of the container, or of the machine' } }),
    payloads: { type: 'string', enum: ['database', 'directory', 's3'], description: 'where large contents lie' },
    disks: { ...listOf(ref('Disk')), description: 'on which this node itself keeps data' },
    database: refOrNull('Database'),
    databaseFault: fault,
    rounds: { ...listOf(ref('Round')), description: 'the last of each that this node has done since its start' },
  }),
  GaugeHistory: closed({
    points: listOf(
      closed({
        at: time,
        memory: { ...bytes, description: 'of the process, bytes' },
        busy: { type: 'number', description: 'percent of the time since the point before: its event loop was at work' },
        disks: listOf(closed({ place, free: bytes })),
      }),
    ),
  }),
  Maintenance: closed({
    maintenance: {
      anyOf: [
        closed({
          operator: { ...string, description: 'id of who ordered it last' },
          reason: string,
          since: time,
          until: { ...orNull(time), description: 'null: an operator ends it' },
        }),
        { type: 'null' },
      ],
    },
  }),
  Diagnostics: closed({
    format: { type: 'string', const: 'crocevia-diagnostics-1' },
    at: time,
    node: ref('Node'),
    settings: {
      type: 'object',
      additionalProperties: orNull(string),
      description: 'variables that are set: numbers and choices, null for all others',
    },
    notReady: fault,
    system: ref('System'),
    registry: closed({
      revision: string,
      systems: integer,
      services: integer,
      problems: listOf(closed({ file: string, line: integer, message: string, hint: string })),
    }),
    queues: listOf({ type: 'object' }),
    deadLetters: { ...listOf({ type: 'object' }), description: 'by cause, of the last seven days' },
    alerts: { ...listOf({ type: 'object' }), description: 'open ones' },
    metrics: { ...listOf(string), description: 'in the text format of Prometheus' },
  }),
};
