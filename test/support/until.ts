import { setTimeout as pause } from 'node:timers/promises';

/** Until it is so; throws after 20 s, where nothing else is said. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !(await isSo()); await pause(10))
    if (Date.now() > end) throw new Error('it has not come so far');
}

/** The first value that is as wanted; throws after 20 s with the last one. */
export async function eventually<T>(get: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; await pause(100)) {
    const value = await get();
    if (isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`not as wanted: ${JSON.stringify(value).slice(0, 2_000)}`);
  }
}
