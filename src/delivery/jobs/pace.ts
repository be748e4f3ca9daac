/** Items in one turn at most: a few commits, well inside the lease. */
const BATCH = 250;

/** Holds a job to its rate: what a turn leaves unused is kept for a second at most. */
export interface Pace {
  /** How many items may be done now, at `rate` a second; `now` in milliseconds, never going back. */
  take(rate: number, now: number): number;
}

export function createPace(): Pace {
  let room = 1;
  let last: number | null = null;
  return {
    take: (rate, now) => {
      room = Math.min(rate, room + (rate * (now - (last ?? now))) / 1000);
      last = now;
      const taken = Math.min(BATCH, Math.floor(room));
      room -= taken;
      return taken;
    },
  };
}
