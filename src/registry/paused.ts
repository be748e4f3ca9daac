import { Fault } from '../message/fault.js';
import type { System } from './model.js';

/** Why nothing goes to a system that an operator has paused. */
export const pausedFault = ({ id, participant }: Pick<System, 'id' | 'participant'>): Fault =>
  new Fault('receiver-paused', {
    detail: `System ${id} is paused by an operator.`,
    place: participant,
    retryAfterSeconds: 60,
  });
