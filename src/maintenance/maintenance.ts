import { Fault } from '../message/fault.js';
import type { InForce, Maintenance, MaintenanceStore } from './ports.js';

interface Parts {
  readonly store: MaintenanceStore;
  /** Told of each change that this node finds. */
  readonly changed: (now: Maintenance | null) => void;
  /** Told once where the store cannot be asked. */
  readonly problem: (error: unknown) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly clock?: () => number;
}

/** What this node knows of the maintenance of all: it looks every second, and nothing is asked on the path of a message. */
export interface MaintenanceWatch {
  current(): Maintenance | null;
  /** Throws maintenance. */
  requireOpen(): void;
  /** In force here at once, and on every node within a second. Throws store-unavailable. */
  begin(order: Parameters<MaintenanceStore['begin']>[0]): Promise<Maintenance>;
  /** What was in force; null: nothing was. Throws store-unavailable. */
  end(): Promise<Maintenance | null>;
  /** Resolves when it is known. Throws store-unavailable. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** Retry-After, seconds: where no end is set, and at most. */
const RETRY_S = 60;
const MOST_RETRY_S = 600;

export function createMaintenance(parts: Parts): MaintenanceWatch {
  return new WatchedMaintenance(parts);
}

class WatchedMaintenance implements MaintenanceWatch {
  private known: { readonly maintenance: Maintenance; readonly endsAt: number } | null = null;
  private told: Maintenance | null = null;
  private orders = 0;
  private isAway = false;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();
  private readonly clock: () => number;

  constructor(private readonly parts: Parts) {
    this.clock = parts.clock ?? (() => performance.now());
  }

  current = (): Maintenance | null => {
    const { known } = this;
    return known === null || this.clock() >= known.endsAt ? null : known.maintenance;
  };

  requireOpen = (): void => {
    const maintenance = this.current();
    if (maintenance === null) return;
    const { until } = maintenance;
    const left = until === null ? RETRY_S : Math.ceil((this.known!.endsAt - this.clock()) / 1_000);
    throw new Fault('maintenance', {
      detail: `The gateway is in maintenance${until === null ? '' : ` until ${until.toISOString()}`}; nothing was taken.`,
      retryAfterSeconds: Math.min(MOST_RETRY_S, Math.max(1, left)),
    });
  };

  async begin(order: Parameters<MaintenanceStore['begin']>[0]): Promise<Maintenance> {
    const begun = await this.parts.store.begin(order);
    this.orders += 1;
    this.take(begun);
    return begun.maintenance;
  }

  async end(): Promise<Maintenance | null> {
    const ended = await this.parts.store.end();
    this.orders += 1;
    this.take(null);
    return ended;
  }

  async start(): Promise<void> {
    await this.look();
    const next = () => void (this.looking = this.look().catch(this.away)).finally(schedule);
    const schedule = () => void (this.timer = this.timer === null ? null : setTimeout(next, LOOK_EVERY_MS));
    this.timer = setTimeout(next, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.looking;
  }

  private async look(): Promise<void> {
    const { orders } = this;
    const found = await this.parts.store.read();
    this.isAway = false;
    // What was ordered here meanwhile is newer than what was read.
    if (orders === this.orders) this.take(found);
  }

  /** Where the database is away, what is known stays: nothing could be taken anyway. */
  private away = (error: unknown): void => {
    if (!this.isAway) this.parts.problem(error);
    this.isAway = true;
  };

  private take(found: InForce | null): void {
    this.known = found && { maintenance: found.maintenance, endsAt: this.clock() + (found.leftMs ?? Infinity) };
    const now = this.current();
    if (keyOf(now) !== keyOf(this.told)) this.parts.changed(now);
    this.told = now;
  }
}

const keyOf = (maintenance: Maintenance | null): string => JSON.stringify(maintenance);
