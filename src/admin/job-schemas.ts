import { JOB_ACTIONS } from '../delivery/jobs/filter.js';
import { MOST_ITEMS } from '../delivery/jobs/jobs.js';
import { FAULTS } from '../message/fault-catalogue.js';
import { closed, integer, listOf, orNull, ref, refOrNull, state, string, time, uuid } from './schema-parts.js';

/** Items a second. */
export const RATE = { standard: 50, maximum: 1_000 };
const IDS = 1_000;

/** Without NUL, which no database takes. */
const name = (description: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000]*$',
  description,
});
const reason = { type: 'string', minLength: 1, maxLength: 500, pattern: '^[^\\u0000]*\\S[^\\u0000]*$' };
const code = { type: 'string', enum: Object.keys(FAULTS) };
const action = { type: 'string', enum: [...JOB_ACTIONS] };
const rate = {
  type: 'integer',
  minimum: 1,
  maximum: RATE.maximum,
  default: RATE.standard,
  description: 'items a second',
};
const result = { type: 'string', enum: ['waiting', 'done', 'skipped', 'failed'] };

const filter = {
  type: 'object',
  description: 'What the deliveries have in common; without `ids` receipts are not among them.',
  properties: {
    states: { type: 'array', items: state, minItems: 1, uniqueItems: true },
    receiver: name('IPA code or system id'),
    sender: name('IPA code or system id'),
    service: name('id of the service'),
    operation: name('name of the operation'),
    agreement: name('id of the agreement'),
    fault: { ...code, description: 'the cause: code of the last fault' },
    acceptedAfter: time,
    acceptedBefore: time,
    endedAfter: time,
    endedBefore: time,
    ids: {
      ...listOf(uuid),
      minItems: 1,
      maxItems: IDS,
      description: 'of deliveries, or of messages with all of theirs',
    },
  },
  additionalProperties: false,
};

const order = {
  action,
  filter: ref('DeliveryFilter'),
  rate,
  again: { type: 'boolean', default: false, description: 'what was delivered too: its receiver gets it twice' },
  system: { ...orNull(string), description: 'another system of the receiver; null: the one that each was for' },
};

const delivery = {
  deliveryId: uuid,
  messageId: { ...uuid, description: 'the gateway’s id' },
  sender: { ...string, description: 'IPA code' },
  receiver: { ...string, description: 'IPA code' },
  system: string,
  service: string,
  operation: string,
  agreement: orNull(string),
  state,
  attempts: integer,
  acceptedAt: time,
  endedAt: orNull(time),
  fault: { ...orNull(string), description: 'code of the last fault' },
};

const counts = { total: integer, done: integer, skipped: integer, failed: integer, waiting: integer };
const act = {
  type: 'string',
  enum: ['created', 'approved', 'rejected', 'expired', 'paused', 'resumed', 'cancelled', 'rate'],
};

/** What the doors of jobs take and answer. */
export const JOB_SCHEMAS = {
  DeliveryFilter: filter,
  JobOrder: {
    type: 'object',
    properties: {
      ...order,
      filter: { ...filter },
      system: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      reason: { ...reason, description: 'stands in the journal; a preview needs none' },
      confirm: {
        type: ['string', 'null'],
        maxLength: 100,
        description: 'with `again`, and to discard: what the preview said',
      },
    },
    required: ['action', 'filter'],
    additionalProperties: false,
  },
  FoundDelivery: closed(delivery),
  DeliveryPage: closed({
    items: listOf(ref('FoundDelivery')),
    next: { ...orNull(string), description: 'the `before` of the next page; null on the last one' },
  }),
  JobPreview: closed({
    order: { ...closed(order), description: 'the order as it can be given, with the filter that was looked for' },
    total: { ...integer, maximum: MOST_ITEMS },
    more: { type: 'boolean', description: 'there are more: too many for one job' },
    states: { type: 'object', propertyNames: state, additionalProperties: integer },
    confirm: { ...orNull(string), description: 'to be sent along where `again` is true, and to discard' },
    samples: listOf(ref('FoundDelivery')),
  }),
  Job: closed({
    id: uuid,
    state: { type: 'string', enum: ['COLLECTING', 'PROPOSED', 'RUNNING', 'PAUSED', 'DONE', 'CANCELLED', 'REJECTED'] },
    ...order,
    reason: string,
    operator: string,
    ...counts,
    createdAt: time,
    endedAt: orNull(time),
    approveBefore: { ...orNull(time), description: 'of a proposed job: until when another operator may approve it' },
    history: listOf(closed({ act, by: string, reason: orNull(string), rate: integer, at: time }, ['rate'])),
  }),
  JobPage: closed({
    items: listOf(ref('Job')),
    next: { ...orNull(uuid), description: 'the `before` of the next page; null on the last one' },
  }),
  JobItemPage: closed({
    items: listOf(
      closed({
        n: integer,
        messageId: uuid,
        deliveryId: uuid,
        receiver: orNull(string),
        seen: { ...state, description: 'when the job was made' },
        result,
        why: { ...orNull(string), description: 'of what was skipped or failed' },
        at: orNull(time),
        state: { ...orNull(state), description: 'today' },
      }),
    ),
    next: { ...orNull(integer), description: 'the `cursor` of the next page; null on the last one' },
  }),
  DeadLetters: closed({
    from: time,
    to: time,
    counted: integer,
    more: { type: 'boolean', description: 'only the newest were counted' },
    groups: listOf(
      closed({
        cause: refOrNull('Cause'),
        receiver: { ...string, description: 'IPA code' },
        system: string,
        service: string,
        count: integer,
        retried: { ...integer, description: 'of them those that were sent anew before' },
        oldest: time,
        newest: time,
        example: { ...uuid, description: 'id of the message that ended last' },
        filter: { ...ref('DeliveryFilter'), description: 'for a job over the group' },
      }),
    ),
  }),
  Cause: closed({
    code,
    title: string,
    blame: { type: 'string', enum: ['sender', 'receiver', 'gateway'] },
    retryable: { type: 'boolean', description: 'the same message may succeed later' },
    remedy: string,
  }),
};
