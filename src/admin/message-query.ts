import type { MessageState } from '../message/message.js';
import type { MessageFilter } from '../trace/ports.js';
import type { ActingOperator } from './permissions.js';
import { oneOf, PAGE, wholeFrom, wrong } from './query-values.js';

export const MESSAGE_STATES: readonly MessageState[] = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'];
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type Query = Readonly<Record<string, string | undefined>>;

/** What a query asks for. Throws parameter-wrong. */
export function filterOf(query: Query): MessageFilter {
  const { sender, receiver, service, text } = query;
  const state = oneOf('state', query.state, MESSAGE_STATES);
  return {
    ...(state !== undefined && { state }),
    ...(sender !== undefined && { sender }),
    ...(receiver !== undefined && { receiver }),
    ...(service !== undefined && { service }),
    ...(text !== undefined && { text }),
  };
}

/** The page that a query asks for. Throws parameter-wrong. */
export function pageOf({ limit, before }: Query): { readonly limit: number; readonly before?: string } {
  if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
  const size = wholeFrom('limit', limit, PAGE.standard, PAGE.maximum);
  return { limit: size, ...(before !== undefined && { before }) };
}

/** The part of a filter that keeps an operator to its scope. */
export const withinScope = ({ participants }: ActingOperator): Pick<MessageFilter, 'participants'> =>
  participants === null ? {} : { participants: [...participants] };
