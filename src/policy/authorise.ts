import { Fault } from '../message/fault.js';
import type { Agreement, Operation, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { requireNotSuspended } from '../registry/suspended.js';
import { requireReplyTo } from './reply-to.js';
import { bodiesOf } from './represent.js';
import type { Authorised, Resolved, Route } from './stages.js';

/**
 * Default deny: an agreement in force must cover the operation for every receiver. Events without a named receiver
 * skip those that are not in force. Throws participant-suspended, not-authorised, agreement-suspended, intake-paused, agreement-not-in-force, no-subscriber,
 * sender-mismatch, too-large, message-id-missing, profile-unsupported, reply-to-refused.
 */
export function authorise(resolved: Resolved, registry: Registry, now: Date): Authorised {
  requireAnswerable(resolved);
  requireCallerIsSender(resolved);
  requireNotSuspended(resolved.caller.participant, registry);
  const routes = findRoutes(resolved, registry, now);
  requireReplyTo(resolved, registry);
  for (const { agreement } of routes) requireSize(agreement, resolved.stored?.size ?? resolved.content.length);
  if (resolved.messageId === null && routes.some(({ agreement }) => agreement.filtersDuplicates)) throw idMissing();
  resolved.clock.mark('authorise');
  return { ...resolved, routes };
}

/** A query has one provider and somebody who waits: an event has neither. */
function requireAnswerable({ operation, binding }: Resolved): void {
  if (operation.profile !== 'query' || binding !== 'cloudevents') return;
  throw new Fault('profile-unsupported', {
    detail: `${operation.name} is a query, and nobody waits for the answer to an event.`,
    place: 'operation',
    expected: 'the address /soap/... or /rest/...',
  });
}

function findRoutes(resolved: Resolved, registry: Registry, now: Date): readonly Route[] {
  const check = (receiver: System): Route => ({
    receiver,
    agreement: requireAgreement(resolved, receiver, registry, now),
  });
  if (resolved.binding !== 'cloudevents' || resolved.claimedReceivers.length > 0) return resolved.receivers.map(check);
  const routes = resolved.receivers.flatMap((receiver) => inForceOnly(() => check(receiver)));
  if (routes.length === 0)
    throw new Fault('no-subscriber', { detail: 'No subscribing agreement is in force.', place: 'type' });
  return routes;
}

function inForceOnly(check: () => Route): readonly Route[] {
  try {
    return [check()];
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
}

function requireAgreement(resolved: Resolved, receiver: System, registry: Registry, now: Date): Agreement {
  const { caller, service, operation } = resolved;
  const agreement = registry.agreement(caller.participant, receiver.participant, service.id, service.version);
  const place = `${caller.participant} -> ${receiver.participant}, ${service.id} v${service.version}, ${operation.name}`;
  if (!agreement || agreement.status === 'revoked' || !covers(agreement, operation))
    throw new Fault('not-authorised', { detail: 'No agreement covers this operation.', place });
  if (agreement.status === 'requested')
    throw new Fault('not-authorised', { detail: `Agreement ${agreement.id} is requested, not granted yet.`, place });
  if (agreement.status === 'suspended')
    throw new Fault('agreement-suspended', { detail: `Agreement ${agreement.id} is suspended.`, place });
  if (agreement.takesNothing)
    throw new Fault('intake-paused', { detail: `Agreement ${agreement.id} takes nothing new for now.`, place });
  if (!inForce(agreement, now)) {
    const expected = `${agreement.validFrom?.toISOString() ?? '...'} to ${agreement.validUntil?.toISOString() ?? '...'}`;
    throw new Fault('agreement-not-in-force', {
      detail: `Agreement ${agreement.id} is not in force.`,
      place,
      expected,
    });
  }
  return agreement;
}

function requireSize({ id, maxBytes }: Agreement, size: number): void {
  if (maxBytes === null || size <= maxBytes) return;
  throw new Fault('too-large', {
    detail: `The request has ${size} bytes; agreement ${id} allows ${maxBytes}.`,
    place: 'body',
    expected: `at most ${maxBytes} bytes`,
  });
}

const covers = ({ operations }: Agreement, { name }: Operation) => operations === null || operations.includes(name);

export const inForce = ({ validFrom, validUntil }: Agreement, now: Date) =>
  (validFrom === null || validFrom <= now) && (validUntil === null || now <= validUntil);

/**
 * A sender named as a bare code must be the body for which the caller speaks. In an address (wsa:From, CloudEvents source-like) only the last
 * segment can name one, and the anonymous address (WS-Addressing 1.0 Core §2.1) names nobody. Throws sender-mismatch.
 */
export function requireCallerIsSender({
  claimedSender: claimed,
  caller,
  binding,
}: Pick<Resolved, 'claimedSender' | 'caller' | 'binding'>): void {
  if (claimed === null || claimed === caller.participant || isAddress(claimed, binding)) return;
  throw senderMismatch(claimed, bodiesOf(caller), 'sender');
}

/** `wsa:From` is an address by its own rules (WS-Addressing 1.0 §3.1): one that is no code names nobody. */
const isAddress = (claimed: string, binding: Resolved['binding']): boolean =>
  binding.startsWith('soap') && !/^[a-z0-9_-]+$/i.test(claimed);

export const senderMismatch = (claimed: string, bodies: readonly string[], place: string) =>
  new Fault('sender-mismatch', {
    detail: `The message names "${claimed}" as its sender.`,
    place,
    expected: bodies.slice(0, 20).join(', '),
  });

const idMissing = () =>
  new Fault('message-id-missing', {
    detail: 'The agreement filters duplicates, which needs an id from the sender.',
    place: 'wsa:MessageID, Idempotency-Key or CloudEvents id',
    expected: '1 to 255 visible characters',
  });
