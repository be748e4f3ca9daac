import { Fault } from '../../message/fault.js';
import { wrong, type Attributes } from './attributes.js';
import { topMembers, type Member } from './members.js';

/** Where the data of a structured event is, and as what. */
export interface EventData {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** True where the data is a JSON value inside the event: its place and lines are those of the event. */
  readonly inEvent: boolean;
}

export interface StructuredEvent {
  readonly attributes: Attributes;
  /** Throws event-malformed. */
  readonly data: () => EventData;
}

const placeOf = (name: string) => `/${name}`;
const MAX_ATTRIBUTE = 8_192;

/** Reads an event in the JSON format (JSON event format §2, §3) from well-formed text. Throws event-malformed. */
export function structuredEvent(text: string): StructuredEvent {
  const members = byName(topMembers(text));
  const get = (name: string) => attribute(text, members.get(name), name);
  return { attributes: { get, placeOf }, data: () => dataOf(text, members, get('datacontenttype')) };
}

/** Readers of JSON here refuse a name that stands twice, so each name has one member. */
function byName(members: readonly Member[] | null): ReadonlyMap<string, Member> {
  if (members) return new Map(members.map((member) => [member.name, member]));
  throw new Fault('event-malformed', { detail: 'An event is a JSON object.', place: '/', expected: 'an object' });
}

/** JSON event format §2.2: what the gateway reads is all of type String, URI or Timestamp; null counts as absent. */
function attribute(text: string, member: Member | undefined, name: string): string | null {
  if (!member) return null;
  const { start, end } = member;
  const value: unknown = end - start > MAX_ATTRIBUTE ? undefined : JSON.parse(text.slice(start, end));
  if (value === null || typeof value === 'string') return value;
  throw wrong(
    { placeOf },
    name,
    `The attribute ${name} is not valid.`,
    `a text of at most ${MAX_ATTRIBUTE} characters`,
  );
}

/** JSON event format §3.1: `data` or `data_base64`; without datacontenttype the data is JSON. */
function dataOf(text: string, members: ReadonlyMap<string, Member>, type: string | null): EventData {
  const data = members.get('data');
  const base64 = members.get('data_base64');
  if ((data === undefined) === (base64 === undefined))
    throw wrong(
      { placeOf },
      'data',
      data ? 'data and data_base64 stand both.' : 'The event has no data.',
      'one of both',
    );
  const contentType = type ?? 'application/json';
  if (base64) return { bytes: decodeBase64(text, base64), contentType, inEvent: false };
  const { start, end } = data as Member;
  if (/[/+]json\s*(;|$)/i.test(contentType))
    return { bytes: Buffer.from(text.slice(start, end)), contentType, inEvent: true };
  return { bytes: Buffer.from(textData(text, data as Member)), contentType: inUtf8(contentType), inEvent: false };
}

/** The string has been decoded already: what it holds is UTF-8 now, and a declaration that says otherwise is wrong. */
const inUtf8 = (contentType: string) =>
  `${contentType.replace(/;\s*charset\s*=\s*("[^"]*"|[^;]*)/gi, '')}; charset=utf-8`;

function textData(text: string, { start, end }: Member): string {
  const value: unknown = text[start] === '"' ? JSON.parse(text.slice(start, end)) : undefined;
  if (typeof value === 'string') return value;
  throw wrong({ placeOf }, 'data', 'The data is no JSON, so it must be a text.', 'a text');
}

function decodeBase64(text: string, { start, end }: Member): Buffer {
  const value: unknown = text[start] === '"' ? JSON.parse(text.slice(start, end)) : undefined;
  const valid = typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
  if (valid) return Buffer.from(value, 'base64');
  throw wrong({ placeOf }, 'data_base64', 'The value is not base64.', 'base64 (RFC 4648 §4)');
}
