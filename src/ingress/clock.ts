import type { StationClock } from '../message/stages.js';

/** Starts now; each mark holds the milliseconds since the one before it, to a hundredth. */
export function startClock(): StationClock {
  const marks: { station: string; ms: number }[] = [];
  let last = performance.now();
  return {
    marks,
    note: (station, ms) => void marks.push({ station, ms }),
    mark(station) {
      const now = performance.now();
      marks.push({ station, ms: Math.round((now - last) * 100) / 100 });
      last = now;
    },
  };
}
