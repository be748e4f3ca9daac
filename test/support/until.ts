import { setTimeout as pause } from 'node:timers/promises';

/** Until it is so; throws after 20 s, where nothing else is said. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !(await isSo()); await pause(10))
    if (Date.now() > end) throw new Error('it has not come so far');
}
