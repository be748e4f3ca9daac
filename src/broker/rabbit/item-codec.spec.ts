import type { QueueItem } from '../../acceptance/ports.js';
import { decodeItem, encodeItem } from './item-codec.js';

const item: QueueItem = {
  deliveryId: 'd',
  messageId: 'm',
  epoch: 7,
  delivery: {
    kind: 'message',
    receiver: { participant: 'c_i804', system: 'anagrafe' },
    agreement: 'a',
    attempts: 2,
    expiresAt: new Date('2026-12-01T08:30:00.125Z'),
    receipt: null,
  },
  message: {
    id: 'm',
    messageId: 'urn:x',
    correlationId: 'c',
    relatesTo: null,
    replyTo: null,
    sender: { participant: 'c_g878', system: 's' },
    service: 'notifica',
    version: 1,
    operation: 'notifica',
    profile: 'one-way',
    protocol: 'rest',
    format: 'json',
    headers: { 'content-type': 'application/json', 'x-nota': 'è già così' },
    digest: 'a'.repeat(64),
    size: 4,
    acceptedAt: new Date('2026-11-23T21:04:05.678Z'),
  },
  content: Buffer.from([0, 255, 1, 254]),
};

describe('item codec', () => {
  it.each([
    ['bytes', item],
    ['empty content', { ...item, content: Buffer.alloc(0) }],
    ['a claim check', { ...item, content: null }],
  ])('gives back what it was given: %s', (_name, given) => {
    expect(decodeItem(encodeItem(given))).toEqual(given);
  });

  it('leaves out what is no part of a queue item', () => {
    const given = { ...item, delivery: { ...item.delivery, state: 'QUEUED', nextAttemptAt: new Date(0) } };
    expect(decodeItem(encodeItem(given))).toEqual(item);
  });

  const facts = (value: unknown) => {
    const text = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const prefix = Buffer.from([1, 0, 0, 0, 0, 0]);
    prefix.writeUInt32BE(text.length, 2);
    return Buffer.concat([prefix, text]);
  };
  it.each([
    ['too short', Buffer.from([1, 0, 0]), /3 bytes are no queue item/],
    ['another version', Buffer.from([2, 0, 0, 0, 0, 0]), /version 2/],
    ['cut off', encodeItem(item).subarray(0, 40), /cut off/],
    ['no JSON', facts('nope'), /JSON|token/],
    ['no ids', facts({}), /lacks its ids/],
    ['null', facts(null), /lacks its ids/],
    ['a prototype', facts('{"__proto__":{"x":1}}'), /forbidden prototype/],
    [
      'a wrong date',
      facts({ ...item, delivery: { ...item.delivery, expiresAt: 'x' }, content: null }),
      /"x" is no date/,
    ],
  ])('says what is wrong: %s', (_name, bytes, message) => {
    expect(() => decodeItem(bytes)).toThrow(message);
  });
});
