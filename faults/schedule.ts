import { seeded } from './random.js';

/** A fault at its time. */
export interface Planned {
  readonly fault: string;
  /** Seconds from the start of the load. */
  readonly at: number;
  /** Seconds. */
  readonly hold: number;
}

export interface Order {
  readonly seed: number;
  readonly faults: readonly string[];
  /** How often each of them comes. */
  readonly times: number;
  /** Seconds from one to the next; a hold is over before. */
  readonly every: number;
  /** Seconds, the shortest and the longest. */
  readonly hold: readonly [number, number];
}

/** Every fault `times` times, in an order that the seed decides; the load runs alone before the first one. */
export function scheduleOf({ seed, faults, times, every, hold: [shortest, longest] }: Order): readonly Planned[] {
  const random = seeded(seed);
  const rounds = Array.from({ length: times }, () => random.shuffle(faults)).flat();
  return rounds.map((fault, n) => ({ fault, at: (n + 1) * every, hold: random.whole(shortest, longest) }));
}
