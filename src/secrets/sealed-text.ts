import { Fault } from '../message/fault.js';
import { isSealed, type Seal } from './seal.js';

/** A secret as it is stored: sealed where this gateway has a master key. `context` says whose it is, and what for. */
export const sealText = (text: string, context: string, seal: Seal | null): string =>
  seal ? seal.seal(text, context) : text;

/** As it was. Throws Fault internal where this node has not the key. */
export function openText(stored: string, context: string, seal: Seal | null): string {
  if (!isSealed(stored)) return stored;
  if (seal) return seal.open(stored, context).toString();
  throw new Fault('internal', {
    detail: `${context} is sealed, and this node has no CROCEVIA_MASTER_KEY_FILE.`,
    cause: new Error('no master key'),
  });
}

/** Sealed with the first key; the very same where it was. */
export const resealText = (stored: string, context: string, seal: Seal): string =>
  isSealed(stored) && seal.isCurrent(stored) ? stored : seal.seal(openText(stored, context, seal), context);
