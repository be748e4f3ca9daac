import type { FoundKey, FoundMessage } from '../trace/ports.js';
import { showStatus } from '../trace/status.js';
import { shownTo } from './contents.js';
import { allows, type ActingOperator } from './permissions.js';
import { inSight } from './sight.js';

/** A message as a row of a table, as the operator may see it. */
export function rowOf(found: FoundMessage, operator: ActingOperator, publicUrl: string) {
  const seen = { ...found, ...inSight(found, operator) };
  const deliveries = seen.deliveries.filter(({ kind }) => kind === 'message');
  const { protocol, businessKeys, ...status } = seen;
  const faulty = deliveries.filter(({ lastFault }) => lastFault !== null);
  return shownTo(operator, {
    ...showStatus(status, publicUrl),
    senderSystem: seen.sender.system,
    receivers: receiversOf(seen, deliveries),
    protocol,
    businessKeys: keysShownTo(operator, businessKeys),
    attempts: Math.max(0, ...deliveries.map(({ attempts }) => attempts)),
    durationMs: durationOf(seen.acceptedAt, deliveries),
    faultCode: seen.fault?.code ?? faulty.at(-1)?.lastFault?.code ?? null,
  });
}

/** Who sees no contents sees which keys there are. */
export const keysShownTo = ({ role }: ActingOperator, keys: readonly FoundKey[]): readonly FoundKey[] =>
  allows(role, 'messages.payload') ? keys : keys.map(({ name }) => ({ name, value: null }));

export type MessageTableRow = ReturnType<typeof rowOf>;

function receiversOf({ receiver }: FoundMessage, deliveries: FoundMessage['deliveries']): readonly string[] {
  const named = receiver === null ? [] : [receiver];
  return [...new Set([...named, ...deliveries.map((delivery) => delivery.receiver.participant)])];
}

function durationOf(acceptedAt: Date, deliveries: FoundMessage['deliveries']): number | null {
  const ends = deliveries.map(({ endedAt }) => endedAt?.getTime() ?? NaN);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? Math.max(0, last - acceptedAt.getTime()) : null;
}
