import { Fault, type FaultRecord } from '../../message/fault.js';
import type { System } from '../../registry/model.js';
import type { Registry } from '../../registry/registry.js';
import type { Subject } from '../orders.js';
import { wayOf } from '../way.js';
import type { DeliveryFilter } from './filter.js';
import type { Scope } from './ports.js';

type Systems = Pick<Registry, 'system' | 'systems'>;

/**
 * Residents' data leave by ways that the registry knows, and to no other body: another system of the receiver whose
 * deliveries the filter chooses. Throws parameter-wrong, operator-not-allowed.
 */
export function requireOtherSystem(
  id: string,
  { filter, action }: { readonly filter: DeliveryFilter; readonly action: string },
  { id: operator, scope }: { readonly id: string; readonly scope: Scope },
  registry: Systems,
): void {
  if (action !== 'retry') throw wrong('system', 'Only what is sent anew goes anywhere.', 'no system');
  const receiver = bodyOf(filter.receiver, registry);
  if (receiver === undefined)
    throw wrong('filter.receiver', 'One receiver is sent to another system.', 'an IPA code or a system of it');
  const system = registry.system(id);
  if (system?.participant !== receiver || system.receives === null)
    throw wrong('system', `${id} is no system by which ${receiver} receives.`, ways(receiver, registry));
  if (scope !== null && !scope.includes(receiver))
    throw new Fault('operator-not-allowed', { detail: `${receiver} is not in the scope of operator ${operator}.` });
}

/** Why the item cannot go there now; null: it can. */
export function reasonAgainst(id: string, subject: Subject, registry: Systems): FaultRecord | null {
  const system = registry.system(id);
  const { receiver, kind } = subject;
  const isTheirs = system?.participant === receiver.participant && kind === 'message';
  if (
    isTheirs &&
    subject.message.profile !== 'answer' &&
    wayOf({ delivery: subject, message: subject.message }, system)
  )
    return null;
  return new Fault('destination-missing', {
    detail: `${receiver.participant} does not receive this by system ${id}.`,
    place: receiver.participant,
  }).toRecord();
}

const bodyOf = (receiver: string | undefined, registry: Systems) =>
  receiver === undefined ? undefined : (registry.system(receiver)?.participant ?? receiver);

const ways = (receiver: string, registry: Systems) =>
  registry
    .systems()
    .filter(({ participant, receives }: System) => participant === receiver && receives !== null)
    .map(({ id }) => id)
    .join(', ') || `a system of ${receiver} that receives: none is registered`;

const wrong = (place: string, detail: string, expected: string) =>
  new Fault('parameter-wrong', { detail, place, expected });
