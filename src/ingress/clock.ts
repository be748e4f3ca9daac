import type { StationClock } from '../message/stages.js';

/** Starts now; each mark holds the milliseconds since the one before it, to a hundredth. */
export const startClock = (): StationClock => clockFrom([], performance.now());

function clockFrom(before: StationClock['marks'], start: number): StationClock {
  const marks = [...before];
  let last = start;
  return {
    marks,
    note: (station, ms) => void marks.push({ station, ms }),
    mark(station) {
      const now = performance.now();
      marks.push({ station, ms: Math.round((now - last) * 100) / 100 });
      last = now;
    },
    fork: () => clockFrom(marks, last),
  };
}
