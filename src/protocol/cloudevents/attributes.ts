import { Fault } from '../../message/fault.js';
import { traceIn, type TraceContext } from '../../message/trace-context.js';
import { agreedMessageId, agreedReference, agreedSequence, idempotencyKey, type GivenId } from '../ids.js';

/** Context attributes as text, and how this mode calls one where it names it: `ce-id` or `/id`. */
export interface Attributes {
  readonly get: (name: string) => string | null;
  readonly placeOf: (name: string) => string;
}

/** What the gateway takes from an event besides its data. */
export interface EventFacts {
  readonly eventType: string;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly relatesTo: string | null;
  readonly conversation: string | null;
  readonly sequence: number | null;
  readonly claimedSender: string | null;
  readonly claimedReceivers: readonly string[];
  /** CloudEvents extension "Distributed Tracing". */
  readonly origin: TraceContext;
}

const MAX_RECEIVERS = 100;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Holds the attributes against CloudEvents 1.0 §3.1. Throws event-malformed with the place, message-id-malformed where
 * the id is not valid or an Idempotency-Key says another, parameter-wrong.
 */
export function eventFacts(attributes: Attributes, headers: Readonly<Record<string, string>>): EventFacts {
  const version = required(attributes, 'specversion');
  if (version !== '1.0')
    throw wrong(attributes, 'specversion', `The version ${version.slice(0, 40)} is not read.`, '1.0');
  const id = required(attributes, 'id');
  required(attributes, 'source');
  const eventType = required(attributes, 'type');
  const time = attributes.get('time');
  if (time !== null && !TIMESTAMP.test(time)) throw wrong(attributes, 'time', 'The time is not valid.', 'RFC 3339');
  return {
    eventType,
    messageId: agreedMessageId([{ value: id, place: attributes.placeOf('id') }, idempotencyKey(headers)]),
    correlationId: agreedReference([given(attributes, 'correlationid')]),
    relatesTo: agreedReference([given(attributes, 'relatesto')]),
    conversation: agreedReference([given(attributes, 'partitionkey')]),
    sequence: sequenceOf(attributes),
    claimedSender: attributes.get('sender') || null,
    claimedReceivers: receivers(attributes),
    origin: originIn(attributes),
  };
}

/** What is no text there is no context, and no reason to refuse the event. */
function originIn({ get }: Attributes): TraceContext {
  try {
    return traceIn({ traceparent: get('traceparent') ?? undefined, tracestate: get('tracestate') ?? undefined });
  } catch {
    return {};
  }
}

function required(attributes: Attributes, name: string): string {
  const value = attributes.get(name);
  if (value) return value;
  const expected = name === 'specversion' ? '1.0' : 'a text that is not empty';
  throw wrong(attributes, name, `The attribute ${name} is ${value === null ? 'missing' : 'empty'}.`, expected);
}

function given(attributes: Attributes, name: string): GivenId | null {
  const value = attributes.get(name);
  return value === null ? null : { value, place: attributes.placeOf(name) };
}

/** Only of an event with one receiver: of several, each sees a part of what its source has numbered. */
function sequenceOf(attributes: Attributes): number | null {
  const isCounted = attributes.get('sequencetype') === 'Integer' && receivers(attributes).length === 1;
  return isCounted ? agreedSequence([given(attributes, 'sequence')]) : null;
}

/** IPA codes, comma-separated, each once. */
function receivers(attributes: Attributes): readonly string[] {
  const codes = (attributes.get('receiver') ?? '').split(',').map((code) => code.trim());
  const named = [...new Set(codes.filter((code) => code !== ''))];
  if (named.length <= MAX_RECEIVERS) return named;
  throw wrong(attributes, 'receiver', `${named.length} receivers are named.`, `at most ${MAX_RECEIVERS}`);
}

export function wrong({ placeOf }: Pick<Attributes, 'placeOf'>, name: string, detail: string, expected: string): Fault {
  return new Fault('event-malformed', { detail, place: placeOf(name), expected });
}
