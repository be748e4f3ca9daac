import { Fault } from '../message/fault.js';
import type { Party } from '../message/message.js';

/** Takes room for the bytes of a question; what is returned gives it back. Throws receiver-overloaded, overloaded. */
export type TakeRoom = (receiver: Party, bytes: number) => () => void;

const MIB = 1024 * 1024;
const ROOM = { all: 512 * MIB, ofSystem: 128 * MIB };

/**
 * Bytes of the questions that this process holds until they are answered: so many to one system, so that one that is slow takes
 * nothing from others, and so many in all. One alone may be more.
 */
export function createRoom(limits: { readonly all: number; readonly ofSystem: number } = ROOM): TakeRoom {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (system: string, bytes: number) => {
    const now = (taken.get(system) ?? 0) + bytes;
    all += bytes;
    if (now === 0) taken.delete(system);
    else taken.set(system, now);
  };
  return ({ system, participant }, bytes) => {
    const ofSystem = taken.get(system) ?? 0;
    if (ofSystem > 0 && ofSystem + bytes > limits.ofSystem) throw full('receiver-overloaded', participant);
    if (all > 0 && all + bytes > limits.all) throw full('overloaded', 'body');
    add(system, bytes);
    return () => add(system, -bytes);
  };
}

const full = (code: 'overloaded' | 'receiver-overloaded', place: string) =>
  new Fault(code, {
    detail: 'The questions that wait for an answer hold as many bytes as they may.',
    place,
    retryAfterSeconds: 1,
  });
