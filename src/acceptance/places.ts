import { Fault } from '../message/fault.js';

/** Takes a place for a system; what is returned gives it back, once. Throws overloaded. */
export type TakePlace = (system: string) => () => void;

/** So many at once on this node, and so many of one system; `what` they are, in the plural. */
export function createPlaces(what: string, limits: { readonly all: number; readonly ofSystem: number }): TakePlace {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (system: string, count: number) => {
    const left = (taken.get(system) ?? 0) + count;
    all += count;
    if (left === 0) taken.delete(system);
    else taken.set(system, left);
  };
  return (system) => {
    if (all >= limits.all) throw overloaded(`As many ${what} are under way on this node as it takes.`, limits.all);
    if ((taken.get(system) ?? 0) >= limits.ofSystem)
      throw overloaded(`As many ${what} of this system are under way as it may have.`, limits.ofSystem);
    add(system, 1);
    let isHeld = true;
    return () => {
      if (isHeld) add(system, -1);
      isHeld = false;
    };
  };
}

const overloaded = (detail: string, most: number) =>
  new Fault('overloaded', { detail, expected: `at most ${most} at once`, retryAfterSeconds: 5 });
