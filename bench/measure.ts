export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Milliseconds that the work took, and the longest of them in which nothing else could run in this thread. */
export async function blocked(
  work: () => Promise<unknown>,
): Promise<{ readonly whole: number; readonly longest: number }> {
  let isDone = false;
  let longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  const began = last;
  await work();
  const whole = performance.now() - began;
  isDone = true;
  tick();
  return { whole, longest };
}
