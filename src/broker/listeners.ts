import type { BrokerEvent, LossListener } from './broker.js';

const MAX_KEPT = 1_000;

/** Who listens to the broker. What happens before the first listener comes is kept for it. */
export class Listeners {
  private readonly events: ((event: BrokerEvent) => void)[] = [];
  private readonly losses: LossListener[] = [];
  private readonly keptEvents: BrokerEvent[] = [];
  private readonly keptLosses = new Set<string | null>();

  onEvent(listener: (event: BrokerEvent) => void): void {
    this.events.push(listener);
    for (const event of this.keptEvents.splice(0)) listener(event);
  }

  onQueueLost(listener: LossListener): void {
    this.losses.push(listener);
    const kept = [...this.keptLosses];
    this.keptLosses.clear();
    for (const system of kept) void this.tell(listener, system);
  }

  emit(name: BrokerEvent['name'], detail: BrokerEvent['detail'] = {}): void {
    const event = { name, detail };
    if (this.events.length === 0 && this.keptEvents.length < MAX_KEPT) this.keptEvents.push(event);
    for (const listener of this.events) listener(event);
  }

  /** Rejects where a listener does. `system` null: every queue is gone. */
  async queueLost(queue: string, system: string | null): Promise<void> {
    this.emit('queue-lost', { queue, system });
    if (this.losses.length === 0) this.keptLosses.add(system);
    for (const listener of this.losses) await listener(system);
  }

  private async tell(listener: LossListener, system: string | null): Promise<void> {
    try {
      await listener(system);
    } catch (error) {
      this.emit('problem', { what: `loss of ${system ?? 'every queue'}`, reason: reasonOf(error) });
    }
  }
}

/** The words of an unknown error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
