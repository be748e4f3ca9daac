import { FAULTS } from '../message/fault-catalogue.js';
import { EVENTS } from '../trace/events.js';
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
  isTest: { type: 'boolean', description: 'true: an operator has sent it to try the way; reports leave it out' },
  deliveries: listOf(ref('Delivery')),
  receipts: listOf(ref('Receipt')),
  links: closed({ self: string, timeline: string }),
};

/** Of messages, their deliveries and their story. */
export const MESSAGE_SCHEMAS = {
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
  DeliveryContent: closed({
    system: string,
    channel: { ...orNull(string), description: 'null: it has no way to its system now' },
    headers: {
      type: 'object',
      additionalProperties: string,
      description: 'but those that its endpoint asks for, which may be credentials',
    },
    size: { ...integer, description: 'bytes of the body' },
    text: { ...orNull(string), description: 'the body; null where it is no text, or over 1 MiB' },
  }),
  Note: closed({ note: { ...string, minLength: 1, maxLength: 2_000 } }),
  MessageDetail: closed(
    {
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
    },
    ['isTest'],
  ),
  FoundMessage: closed(
    {
      ...message,
      senderSystem: string,
      receivers: { ...listOf(string), description: 'IPA codes, of a refused message too' },
      protocol: { ...orNull(string), description: 'null: SOAP refused before its version was known' },
      businessKeys,
      attempts: { ...integer, description: 'of the delivery with the most' },
      durationMs: { ...orNull(integer), description: 'until its last delivery ended; null: it has none, or not yet' },
      faultCode: { ...orNull(code), description: 'of the message, else of its newest delivery with one' },
    },
    ['isTest'],
  ),
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
};
