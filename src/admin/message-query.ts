import { FAULTS, type FaultCode } from '../message/fault-catalogue.js';
import type { MessageState, ProtocolName } from '../message/message.js';
import type { Registry } from '../registry/registry.js';
import type { MessageFilter, MessagePageOrder, Party } from '../trace/ports.js';
import type { ActingOperator } from './permissions.js';
import { oneOf, PAGE, timeIn, wholeFrom, wrong } from './query-values.js';

export const MESSAGE_STATES: readonly MessageState[] = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'];
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How long one page may be sought; what is left is another page. */
export const BUDGET_MS = 200;
const LONGEST_TEXT = 512;
const MOST_ATTEMPTS = 1_000;
/** In which messages come. */
export const PROTOCOLS: readonly ProtocolName[] = ['soap11', 'soap12', 'rest', 'cloudevents'];
export const FAULT_CODES = Object.keys(FAULTS) as readonly FaultCode[];

export type Query = Readonly<Record<string, string | undefined>>;

/** What a query asks for; a system is known by the registry. Throws parameter-wrong. */
export function filterOf(query: Query, registry: Registry): MessageFilter {
  const { sender, receiver, service, attempts } = query;
  const asked = {
    state: oneOf('state', query['state'], MESSAGE_STATES),
    sender: sender === undefined ? undefined : partyOf(sender, registry),
    receiver: receiver === undefined ? undefined : partyOf(receiver, registry),
    service,
    protocol: oneOf('protocol', query['protocol'], PROTOCOLS),
    fault: oneOf('fault', query['fault'], FAULT_CODES),
    attempts: attempts === undefined ? undefined : wholeFrom('attempts', attempts, 1, MOST_ATTEMPTS),
    from: timeIn('from', query['from']),
    to: timeIn('to', query['to']),
    text: textIn(query),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** `text` is what `q` was called before. */
function textIn({ text, q = text }: Query): string | undefined {
  const sought = q?.trim();
  if (sought !== undefined && (sought === '' || sought.length > LONGEST_TEXT))
    throw wrong('q', `1 to ${LONGEST_TEXT} characters`);
  return sought;
}

function partyOf(name: string, registry: Registry): Party {
  const participant = registry.system(name)?.participant;
  if (participant !== undefined) return { participant, system: name };
  return registry.participant(name) ? { participant: name } : { system: name };
}

/** The page that a query asks for. Throws parameter-wrong. */
export function pageOf({ limit, before }: Query): MessagePageOrder {
  if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
  const size = wholeFrom('limit', limit, PAGE.standard, PAGE.maximum);
  return { limit: size, budgetMs: BUDGET_MS, ...(before !== undefined && { before }) };
}

/** The part of a filter that keeps an operator to its scope. */
export const withinScope = ({ participants }: ActingOperator): Pick<MessageFilter, 'participants'> =>
  participants === null ? {} : { participants: [...participants] };
