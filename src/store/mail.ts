import type { JournalEvent } from '../trace/events.js';
import type { JournalFeed } from '../trace/ports.js';
import type { OpenFloor } from './open-floor.js';

/** How often the ledger is asked for what other nodes, or the end of a lease, have made available. */
const POLL_MS = 1_000;

const waitingMail = (since: string) => `
SELECT DISTINCT receiver_system AS system FROM delivery
WHERE message_id >= ${since} AND receiver_system = ANY ($1) AND state = 'AVAILABLE' AND (lease_until IS NULL OR lease_until <= now())
  AND expires_at > now()`;

/** Wakes those who wait for a box: at once for what this process commits, within a second for the rest. */
export class Mail {
  private readonly waiting = new Map<string, Set<() => void>>();
  private timer: NodeJS.Timeout | null = null;
  private asking = false;
  private askAgain = false;
  private readonly unsubscribe: () => void;

  constructor(
    feed: JournalFeed,
    private readonly floor: OpenFloor,
  ) {
    this.unsubscribe = feed.subscribe((events) => {
      if (this.waiting.size > 0 && events.some(isMail)) this.poll();
    });
  }

  wait(system: string, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(deadline);
        signal.removeEventListener('abort', wake);
        this.forget(system, wake);
        resolve();
      };
      const deadline = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
      this.waiting.set(system, (this.waiting.get(system) ?? new Set()).add(wake));
      this.timer ??= setInterval(() => this.poll(), POLL_MS).unref();
    });
  }

  /** Wakes everyone: the store is closing. */
  close(): void {
    this.unsubscribe();
    this.wake([...this.waiting.keys()]);
  }

  private forget(system: string, wake: () => void): void {
    const waiters = this.waiting.get(system);
    waiters?.delete(wake);
    if (waiters?.size === 0) this.waiting.delete(system);
    if (this.waiting.size > 0 || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  }

  /** A ledger that is away wakes everyone: their next fetch says so in the right place. */
  private poll(): void {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    this.askAgain = false;
    void this.ask().then(() => {
      this.asking = false;
      if (this.askAgain && this.waiting.size > 0) this.poll();
    });
  }

  private async ask(): Promise<void> {
    try {
      const rows = await this.floor.query<{ system: string }>(waitingMail, [[...this.waiting.keys()]]);
      this.wake(rows.map((row) => row.system));
    } catch {
      this.wake([...this.waiting.keys()]);
    }
  }

  private wake(systems: readonly string[]): void {
    for (const system of systems) for (const wake of this.waiting.get(system) ?? []) wake();
  }
}

function isMail(event: JournalEvent): boolean {
  return event.to === 'AVAILABLE' && event.event !== 'delivery.leased';
}
