import { setTimeout as pause } from 'node:timers/promises';

/** Until it is so; throws after 20 s. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await isSo()); await pause(10))
    if (Date.now() > end) throw new Error('it has not come so far');
}
