import { Fault } from '../message/fault.js';
import type { MessageStatus } from '../trace/ports.js';
import { BUDGET_MS, UUID, withinScope } from './message-query.js';
import type { ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

/** A message in the operator's scope by an id of the gateway or the sender, or by a correlation id. Throws message-unknown. */
export async function findMessage(
  id: string,
  operator: ActingOperator,
  { trace, messages }: Pick<AdminParts, 'trace' | 'messages'>,
): Promise<MessageStatus> {
  const found = UUID.test(id)
    ? await inScope(await trace.status(id), operator, trace)
    : meant(
        id,
        (await messages.find({ text: id, ...withinScope(operator) }, { limit: 20, budgetMs: BUDGET_MS })).items,
      );
  if (!found) throw new Fault('message-unknown', { detail: `No message "${id.slice(0, 64)}".`, place: 'address' });
  return found;
}

async function inScope(found: MessageStatus | null, { participants }: ActingOperator, trace: AdminParts['trace']) {
  if (found === null || participants === null) return found;
  return (await trace.concerning([found.id], [...participants])).has(found.id) ? found : null;
}

/** The message that its sender called so, else one of a conversation of that name. */
function meant(id: string, found: readonly MessageStatus[]): MessageStatus | undefined {
  const own = found.filter(({ messageId }) => messageId === id);
  return preferAccepted(own.length > 0 ? own : found);
}

/** An id may have been refused before and after it was accepted once; the accepted message is the one that is meant. */
const preferAccepted = (found: readonly MessageStatus[]) => found.find(({ state }) => state !== 'REJECTED') ?? found[0];
