/**
 * What of each receiving system may lie in the broker: a bounded window; the rest waits in the ledger. It counts what this
 * process has published and nobody has claimed or marked yet; what is marked is counted by the ledger (`hold`).
 */
export interface Window {
  readonly size: number;
  isFull(system: string): boolean;
  /** Systems that have no room on this process's own account. */
  full(): readonly string[];
  enter(system: string): void;
  leave(system: string): void;
  /** The systems that the ledger has found full, in place of those of the last time. */
  hold(systems: readonly string[]): void;
}

/** A few seconds of work for a busy system; a dead one holds no more than this in RabbitMQ for each process. */
export const SYSTEM_WINDOW = 1_000;

export function createWindow(size: number): Window {
  const counts = new Map<string, number>();
  let held: ReadonlySet<string> = new Set();
  const countOf = (system: string) => counts.get(system) ?? 0;
  const set = (system: string, count: number) => (count > 0 ? counts.set(system, count) : counts.delete(system));
  return {
    size,
    isFull: (system) => held.has(system) || countOf(system) >= size,
    full: () => [...counts].filter(([, count]) => count >= size).map(([system]) => system),
    enter: (system) => void set(system, countOf(system) + 1),
    leave: (system) => void set(system, countOf(system) - 1),
    hold: (systems) => void (held = new Set(systems)),
  };
}
