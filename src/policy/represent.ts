import type { Caller, Decoded } from '../message/stages.js';
import type { Party } from '../message/message.js';
import type { System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';

/** Who calls, once a credential of the system has been proved. */
export function callerOf({ id, participant, actsFor }: System, registry: Pick<Registry, 'participant'>): Caller {
  const isToldLess = registry.participant(participant)?.disclosure === 'minimal';
  return { participant, system: id, ...(actsFor && { actsFor }), ...(isToldLess && { isToldLess }) };
}

/** A message that names a body for which the calling system may speak is that body's: its agreements count. */
export function represent<T extends Decoded>(decoded: T): T {
  const { caller, claimedSender } = decoded;
  if (claimedSender === null || !caller.actsFor?.includes(claimedSender)) return decoded;
  return { ...decoded, caller: { ...caller, participant: claimedSender } };
}

export const partyOf = ({ participant, system }: Caller): Party => ({ participant, system });

/** Every body for which the caller may speak, its own first. */
export const bodiesOf = ({ participant, actsFor = [] }: Caller): readonly [string, ...string[]] => [
  participant,
  ...actsFor,
];
