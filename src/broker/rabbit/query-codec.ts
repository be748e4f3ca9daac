import { parse } from 'secure-json-parse';
import type { QueryOutcome } from '../../query/ports.js';
import type { Question } from '../query-call.js';

/**
 * A question or an outcome as one AMQP body: version (1 byte), length of the facts (4 bytes, big-endian), the facts as
 * JSON, the original bytes. See item-codec.ts for why nothing is in AMQP headers.
 */
const VERSION = 1;
const PREFIX_BYTES = 5;
const NOTHING = Buffer.alloc(0);

export const QUESTION_CONTENT_TYPE = 'application/vnd.crocevia.question';
export const OUTCOME_CONTENT_TYPE = 'application/vnd.crocevia.outcome';

export function encodeQuestion({ item: { content, ...facts }, askedAt }: Question): Buffer {
  return pack({ ...facts, askedAt }, content);
}

/** Throws an Error that says what is wrong with the bytes. */
export function decodeQuestion(body: Buffer): Question {
  const { facts, content } = unpack(body);
  const { askedAt, ...item } = facts as unknown as Omit<Question['item'], 'content'> & { askedAt: number };
  const known =
    typeof item.message?.id === 'string' &&
    typeof item.receiver?.system === 'string' &&
    typeof item.target?.method === 'string' &&
    typeof askedAt === 'number';
  if (!known) throw new Error('the question lacks its facts');
  const message = { ...item.message, acceptedAt: dateOf(item.message.acceptedAt) };
  return { item: { ...item, message, deadline: dateOf(item.deadline), content }, askedAt };
}

export function encodeOutcome(outcome: QueryOutcome): Buffer {
  if (outcome.kind === 'failed') return pack(outcome, NOTHING);
  const { body, ...facts } = outcome;
  return pack(facts, body);
}

/** Throws an Error that says what is wrong with the bytes. */
export function decodeOutcome(bytes: Buffer): QueryOutcome {
  const { facts, content } = unpack(bytes);
  const outcome = facts as unknown as QueryOutcome;
  const isTimed = typeof outcome.timing?.queued === 'number' && typeof outcome.timing.called === 'number';
  if (isTimed && outcome.kind === 'failed' && typeof outcome.fault?.code === 'string') return outcome;
  if (isTimed && outcome.kind === 'answered' && Number.isInteger(outcome.status) && isObject(outcome.headers)) {
    return { ...outcome, body: content };
  }
  throw new Error('the outcome lacks its facts');
}

function pack(facts: object, content: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(facts));
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt8(VERSION, 0);
  prefix.writeUInt32BE(json.length, 1);
  return Buffer.concat([prefix, json, content]);
}

/** The content is a view of the body. */
function unpack(body: Buffer): { readonly facts: object; readonly content: Buffer } {
  if (body.length < PREFIX_BYTES) throw new Error(`${body.length} bytes are no question and no outcome`);
  if (body[0] !== VERSION) throw new Error(`version ${body[0]} of the query format is unknown`);
  const end = PREFIX_BYTES + body.readUInt32BE(1);
  if (end > body.length) throw new Error('the facts are cut off');
  const facts: unknown = parse(body.toString('utf8', PREFIX_BYTES, end));
  if (!isObject(facts)) throw new Error('the facts are no object');
  return { facts, content: body.subarray(end) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function dateOf(value: unknown): Date {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new Error(`"${String(value)}" is no date`);
  return date;
}
