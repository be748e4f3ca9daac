import type { MessageState } from '../message/message.js';
import type { MessageFilter } from '../trace/ports.js';
import type { ActingOperator } from './permissions.js';
import { PAGE, wrong } from './query-values.js';

export const MESSAGE_STATES: readonly MessageState[] = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'];
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type Query = Readonly<Record<string, string | undefined>>;

/** What a query asks for. Throws parameter-wrong. */
export function filterOf(query: Query): MessageFilter {
  const { state, sender, receiver, service, text } = query;
  if (state !== undefined && !MESSAGE_STATES.includes(state as MessageState))
    throw wrong('state', `one of ${MESSAGE_STATES.join(', ')}`);
  return {
    ...(state !== undefined && { state: state as MessageState }),
    ...(sender !== undefined && { sender }),
    ...(receiver !== undefined && { receiver }),
    ...(service !== undefined && { service }),
    ...(text !== undefined && { text }),
  };
}

/** The page that a query asks for. Throws parameter-wrong. */
export function pageOf({ limit, before }: Query): { readonly limit: number; readonly before?: string } {
  if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
  const size = Math.min(Math.max(Number(limit ?? PAGE.standard) || PAGE.standard, 1), PAGE.maximum);
  return { limit: size, ...(before !== undefined && { before }) };
}

/** The part of a filter that keeps an operator to its scope. */
export const withinScope = ({ participants }: ActingOperator): Pick<MessageFilter, 'participants'> =>
  participants === null ? {} : { participants: [...participants] };
