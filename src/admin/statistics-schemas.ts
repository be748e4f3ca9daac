import { ATTENTION_KINDS, SEVERITIES } from '../statistics/attention.js';
import { FLOW_PROTOCOLS, FLOW_STATES } from '../statistics/flows.js';
import { OUTCOMES } from '../statistics/ports.js';
import { QUEUE_STATES } from '../statistics/queues.js';
import { closed, integer, listOf, orNull, ref, string, time } from './schema-parts.js';

const number = { type: 'number' };
const ms = {
  ...orNull(number),
  description: 'milliseconds from acceptance to delivery, or to the answer; null: nothing ended so',
};
const percentiles = { p50: ms, p95: ms, p99: ms };
const code = { ...string, description: 'IPA code' };
const queuesAt = { ...orNull(time), description: 'when the queues were last looked at; null: not for ten minutes' };
const page = {
  next: { ...orNull(string), description: 'the `after` of the next page; null on the last one' },
  total: { ...integer, description: 'how many match' },
  queuesAt,
};
const oldestAt = { ...orNull(time), description: 'acceptance of the oldest that waits' };

/** Of situation, flows and queues. */
export const STATISTICS_SCHEMAS = {
  OutcomeCounts: {
    ...closed(Object.fromEntries(OUTCOMES.map((name) => [name, integer]))),
    description: 'messages: one for each receiver; asked, answered, unanswered: questions',
  },
  Attention: closed({
    kind: { type: 'string', enum: [...ATTENTION_KINDS] },
    severity: { type: 'string', enum: [...SEVERITIES] },
    entity: { ...orNull(string), description: 'IPA code; null: the gateway' },
    system: orNull(string),
    count: {
      ...integer,
      description: 'messages; of flow-down and held-back flows; of what expires and of silence days',
    },
    since: { ...orNull(time), description: 'of what expires: when' },
    about: { ...orNull(string), description: 'code of the fault, id of the agreement, kind of the credential' },
    link: closed({
      page: { ...string, description: 'of the console' },
      filter: { type: 'object', additionalProperties: string },
    }),
  }),
  TrafficPoint: closed({ at: time, counts: ref('OutcomeCounts'), ...percentiles }),
  QueuePoint: closed({
    at: time,
    depth: integer,
    ageSeconds: { ...integer, description: 'of the oldest that waited' },
  }),
  Situation: closed({
    at: time,
    attention: { ...listOf(ref('Attention')), description: 'the worst first' },
    totals: ref('OutcomeCounts'),
    latency: closed(percentiles),
    grain: { type: 'string', enum: ['minute', 'hour', 'day'], description: 'days begin at midnight in Rome' },
    traffic: { ...listOf(ref('TrafficPoint')), description: 'steps in which something happened' },
    queues: { ...listOf(ref('QueuePoint')), description: 'of the last six hours at most' },
  }),
  Flow: closed({
    id: { ...string, description: 'of the agreement' },
    sender: code,
    receiver: code,
    service: string,
    version: integer,
    system: orNull(string),
    protocols: listOf({ type: 'string', enum: [...FLOW_PROTOCOLS] }),
    state: { type: 'string', enum: [...FLOW_STATES] },
    intake: {
      type: 'string',
      enum: ['open', 'paused'],
      description: 'paused: nothing new is taken, whatever the state',
    },
    inPerMinute: { ...number, description: 'messages and questions, over the last five minutes' },
    counts: ref('OutcomeCounts'),
    ...percentiles,
    waiting: integer,
    retrying: integer,
    dead: { ...integer, description: 'failed or expired within seven days' },
    oldestAt,
    lastAt: { ...orNull(time), description: 'last thing that happened to a message or question' },
    sparkline: {
      ...listOf(integer),
      description: 'messages and questions in each of the last 30 minutes, the oldest first',
    },
  }),
  FlowPage: closed({ items: listOf(ref('Flow')), ...page }),
  FlowMap: closed({
    flows: {
      ...listOf(
        closed({
          sender: code,
          receiver: code,
          service: string,
          count: { ...integer, description: 'messages and questions, the refused ones too' },
          errors: { ...integer, description: 'refused, failed, expired, not answered' },
          inPerMinute: { ...number, description: 'over the last five minutes' },
        }),
      ),
      description: 'the busiest first',
    },
    left: { ...integer, description: 'flows with traffic that are not among them' },
    names: { type: 'object', additionalProperties: string, description: 'names of the bodies by IPA code' },
  }),
  Queue: closed({
    system: string,
    participant: { ...orNull(string), description: 'IPA code; null: the system is no longer in the registry' },
    state: { type: 'string', enum: [...QUEUE_STATES] },
    circuitUntil: { ...orNull(time), description: 'when a spared system is tried again' },
    channel: orNull(string),
    lanes: { ...orNull(integer), description: 'deliveries under way at once' },
    perSecond: { ...orNull(number), description: 'deliveries a second on each node; null: no limit' },
    queued: integer,
    delivering: integer,
    available: { ...integer, description: 'in its box or its own AMQP queue' },
    retrying: integer,
    suspended: integer,
    dead: integer,
    deadSince: orNull(time),
    oldestAt,
    nextAttemptAt: orNull(time),
    depth: { ...integer, description: 'everything that has not ended' },
    inPerMinute: number,
    outPerMinute: number,
  }),
  QueuePage: closed({ items: listOf(ref('Queue')), ...page }),
  Report: closed({
    title: string,
    from: { ...string, format: 'date' },
    to: { ...string, format: 'date' },
    columns: listOf(closed({ name: string, title: string })),
    rows: {
      ...listOf({ type: 'array', items: { type: ['string', 'number', 'null'] } }),
      description: 'one value for each column',
    },
  }),
  Changed: closed({ changed: integer }),
  QueueSeries: closed({ system: string, points: listOf(ref('QueuePoint')) }),
};
