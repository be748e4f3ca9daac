import { setTimeout as pause } from 'node:timers/promises';
import { isLost } from './faults.js';

/** A standby is promoted, or a server restarted, within seconds. */
const HOLD_MS = 3_000;
const EVERY_MS = 200;

/**
 * Repeats what was under way when the server was lost, until it is back or the outage is 3 s old. Only for work that may
 * be done twice. What begins in a longer outage fails at once: senders are told to come back instead of piling up.
 */
export class FailoverRetry {
  private lostAt: number | null = null;

  async run<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work();
        this.lostAt = null;
        return result;
      } catch (error) {
        if (!isLost(error)) throw error;
        this.lostAt ??= performance.now();
        if (performance.now() - this.lostAt > HOLD_MS) throw error;
        await pause(EVERY_MS);
      }
    }
  }
}
