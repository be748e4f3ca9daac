/** No confirm at all for so long while some are owed; doubled with each connection that is given up for it. */
const STALL_MS = 1_500;
const MAX_STALL_MS = 10_000;
/** No confirm for one key so long, while those of others come. */
const KEY_STALL_MS = 4_000;
/** A key that has cost a connection does not cost another one so soon; doubled each time until the key is confirmed. */
const PARDON_MS = 30_000;
const MAX_PARDON_MS = 600_000;

/** What waits for its confirm. */
interface Owed {
  readonly key: string;
  /** Milliseconds since the epoch: first written to the connection in use; null where it was not. */
  readonly writtenAt: number | null;
}

/**
 * Tells when a connection that publishes is to be given up for another one. RabbitMQ never confirms what went to a
 * stale leader, and a channel whose first publish to a queue met an election refuses (nacks) every later one to that
 * queue until its node is there again (3.10.8, `rabbit_fifo_client`): only confirms are progress.
 */
export class Stall {
  private begunAt = 0;
  private lastProgress = 0;
  private limit = STALL_MS;
  private readonly pardoned = new Map<string, { readonly until: number; readonly wait: number }>();

  /** A new connection, the end of an alarm, or a first publish after a rest: time counts from here. */
  begin(now: number): void {
    this.begunAt = this.lastProgress = now;
  }

  confirmed(key: string, now: number): void {
    this.lastProgress = now;
    this.limit = STALL_MS;
    if (this.pardoned.size > 0) this.pardoned.delete(key);
  }

  /** `owed`: oldest first. True at most once for one stall. */
  isOver(owed: Iterable<Owed>, now: number): boolean {
    if (now - this.lastProgress > this.limit) {
      this.limit = Math.min(MAX_STALL_MS, this.limit * 2);
      return true;
    }
    const stuck = this.stuckKeys(owed, now);
    for (const key of stuck) this.pardon(key, now);
    return stuck.size > 0;
  }

  private pardon(key: string, now: number): void {
    const wait = Math.min(MAX_PARDON_MS, (this.pardoned.get(key)?.wait ?? PARDON_MS / 2) * 2);
    this.pardoned.set(key, { until: now + wait, wait });
  }

  /** One connection is given up for all that are stuck at the moment. */
  private stuckKeys(owed: Iterable<Owed>, now: number): ReadonlySet<string> {
    const stuck = new Set<string>();
    for (const { key, writtenAt } of owed) {
      const isStuck = writtenAt !== null && now - Math.max(writtenAt, this.begunAt) > KEY_STALL_MS;
      if (isStuck && now >= (this.pardoned.get(key)?.until ?? 0)) stuck.add(key);
    }
    return stuck;
  }
}
