import { Fault } from '../message/fault.js';

/** Content or a schema that cannot be converted: a Fault mediation-failed with the place. */
export function misfit(detail: string, place: string, more: { expected?: string; cause?: unknown } = {}): Fault {
  return new Fault('mediation-failed', { detail, place, ...more });
}
