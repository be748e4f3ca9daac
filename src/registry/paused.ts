import { Fault } from '../message/fault.js';
import type { System } from './model.js';
import type { Registry } from './registry.js';

/** Ids of the systems that operators have paused. */
export const pausedSystems = (registry: Pick<Registry, 'systems'>): readonly string[] =>
  registry.systems().flatMap(({ id, paused }) => (paused ? [id] : []));

/** Why nothing goes to a system that an operator has paused. */
export const pausedFault = ({ id, participant, suspended }: Pick<System, 'id' | 'participant' | 'suspended'>): Fault =>
  new Fault('receiver-paused', {
    detail: suspended ? `${participant} is suspended by an operator.` : `System ${id} is paused by an operator.`,
    place: participant,
    retryAfterSeconds: 60,
  });
