import { Fault } from '../message/fault.js';

const VISIBLE = /^[\x21-\x7e]{1,255}$/;
const RULE = '1 to 255 visible ASCII characters';

/** An id as it was given, and where. */
export interface GivenId {
  readonly value: string;
  readonly place: string;
}

/**
 * The sender's own id of the message, from wherever it is given: each must be valid and all the same. Null where there
 * is none. Throws message-id-malformed.
 */
export function agreedMessageId(given: readonly (GivenId | null)[]): string | null {
  const ids = given.filter((id) => id !== null);
  for (const { value, place } of ids) if (!VISIBLE.test(value)) throw malformed('The id is not valid.', place, RULE);
  const [first] = ids;
  if (!first) return null;
  const other = ids.find(({ value }) => value !== first.value);
  if (other)
    throw malformed(
      `${first.place} and ${other.place} give different ids.`,
      `${first.place}, ${other.place}`,
      'one id',
    );
  return first.value;
}

/**
 * Idempotency-Key: a structured-field string, or bare as most clients send it
 * (draft-ietf-httpapi-idempotency-key-header §2.1). Null without the header; validity is checked by agreedMessageId.
 */
export function idempotencyKey(headers: Readonly<Record<string, string>>): GivenId | null {
  const given = headers['idempotency-key']?.trim();
  if (given === undefined) return null;
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(given)?.[1];
  return { value: inner === undefined ? given : inner.replace(/\\(.)/g, '$1'), place: 'Idempotency-Key' };
}

/**
 * An id that the answer or a header repeats (correlation, relation); empty counts as none. Given twice it must be the
 * same. Throws parameter-wrong.
 */
export function agreedReference(given: readonly (GivenId | null)[]): string | null {
  const ids = given.filter((id) => id !== null && id.value !== '') as readonly GivenId[];
  const [first] = ids;
  if (!first) return null;
  const wrong = ids.find(({ value }) => !VISIBLE.test(value) || value !== first.value);
  if (!wrong) return first.value;
  const detail = VISIBLE.test(wrong.value) ? 'Two different values are given.' : 'The value is not valid.';
  throw new Fault('parameter-wrong', { detail, place: wrong.place, expected: RULE });
}

/** The value of a header as an id; null where it is not given. */
export function headerId(headers: Readonly<Record<string, string>>, name: string): GivenId | null {
  const value = headers[name.toLowerCase()]?.trim();
  return value === undefined ? null : { value, place: name };
}

const MAX_SEQUENCE = 2_147_483_647;

/** X-Sequence-Number and the like: a whole number from 1 to 2147483647, the same wherever it is given. Throws parameter-wrong. */
export function agreedSequence(given: readonly (GivenId | null)[]): number | null {
  const agreed = agreedReference(given);
  if (agreed === null) return null;
  if (/^[1-9]\d{0,9}$/.test(agreed) && Number(agreed) <= MAX_SEQUENCE) return Number(agreed);
  const place = given.find((one) => one?.value === agreed)?.place ?? 'X-Sequence-Number';
  throw new Fault('parameter-wrong', {
    detail: 'The number is not valid.',
    place,
    expected: `a whole number from 1 to ${MAX_SEQUENCE}`,
  });
}

/** What the HTTP headers say of the conversation. Throws parameter-wrong. */
export const headerConversation = (headers: Readonly<Record<string, string>>) => ({
  conversation: agreedReference([headerId(headers, 'X-Conversation-ID')]),
  sequence: agreedSequence([headerId(headers, 'X-Sequence-Number')]),
});

export function malformed(detail: string, place: string, expected: string): Fault {
  return new Fault('message-id-malformed', { detail, place, expected });
}
