/**
 * What of each receiving system may lie in the broker: a bounded window; the rest waits in the ledger. It counts what this
 * process has published and nobody has claimed or marked yet; what is marked is counted by the ledger (`hold`), a sweep
 * ago.
 */
export interface Window {
  readonly size: number;
  isFull(system: string): boolean;
  /** Of each system, what lies there on this process's own account. */
  unmarked(): ReadonlyMap<string, number>;
  enter(system: string): void;
  leave(system: string): void;
  /** What the ledger has counted, in place of the last time. */
  hold(marked: Readonly<Record<string, number>>): void;
}

/** A few seconds of work for a busy system; a dead one holds no more than this in RabbitMQ for each process. */
export const SYSTEM_WINDOW = 1_000;

export function createWindow(size: number): Window {
  const counts = new Map<string, number>();
  let marked: Readonly<Record<string, number>> = {};
  const countOf = (system: string) => counts.get(system) ?? 0;
  const set = (system: string, count: number) => (count > 0 ? counts.set(system, count) : counts.delete(system));
  return {
    size,
    isFull: (system) => countOf(system) + (marked[system] ?? 0) >= size,
    unmarked: () => counts,
    enter: (system) => void set(system, countOf(system) + 1),
    leave: (system) => void set(system, countOf(system) - 1),
    hold: (counted) => void (marked = counted),
  };
}
