import { Fault } from '../message/fault.js';
import type { Registry } from './registry.js';

export const suspendedFault = (participant: string): Fault =>
  new Fault('participant-suspended', {
    detail: `${participant} is suspended by an operator.`,
    place: participant,
  });

/** Throws participant-suspended where an operator has suspended the body. */
export function requireNotSuspended(participant: string, registry: Pick<Registry, 'participant'>): void {
  if (registry.participant(participant)?.suspended) throw suspendedFault(participant);
}
