import { FAULTS } from '../message/fault-catalogue.js';
import type { FaultRecord } from '../message/fault.js';
import { allows, type ActingOperator } from './permissions.js';

/**
 * A resource as the operator may see it. Without `messages.payload` it loses what quotes a message or an answer: the
 * response of an attempt, what a violation has found, and the words of a fault about this very message.
 */
export function shownTo<T>({ role }: ActingOperator, value: T): T {
  if (allows(role, 'messages.payload')) return value;
  return JSON.parse(JSON.stringify(value, withoutContents)) as T;
}

function withoutContents(name: string, value: unknown): unknown {
  if (name === 'response' || name === 'found') return null;
  if (name === 'violations' && Array.isArray(value)) return value.map((one: object) => ({ ...one, message: '' }));
  return isFault(value) ? { ...value, detail: FAULTS[value.code].en } : value;
}

const isFault = (value: unknown): value is FaultRecord =>
  typeof value === 'object' && value !== null && 'blame' in value && 'code' in value;
