import type { BrokerEvent, Loss, LossListener } from './broker.js';

const MAX_KEPT = 1_000;

/** Who listens to the broker. What happens before the first listener comes is kept for it. */
export class Listeners {
  private readonly events: ((event: BrokerEvent) => void)[] = [];
  private readonly losses: LossListener[] = [];
  private readonly keptEvents: BrokerEvent[] = [];
  private readonly keptLosses = new Map<string, Loss>();

  onEvent(listener: (event: BrokerEvent) => void): void {
    this.events.push(listener);
    for (const event of this.keptEvents.splice(0)) listener(event);
  }

  onQueueLost(listener: LossListener): void {
    this.losses.push(listener);
    const kept = [...this.keptLosses.values()];
    this.keptLosses.clear();
    for (const loss of kept) void this.tell(listener, loss);
  }

  emit(name: BrokerEvent['name'], detail: BrokerEvent['detail'] = {}): void {
    const event = { name, detail };
    if (this.events.length === 0 && this.keptEvents.length < MAX_KEPT) this.keptEvents.push(event);
    for (const listener of this.events) listener(event);
  }

  /** Rejects where a listener does. */
  async queueLost(queue: string, loss: Loss): Promise<void> {
    this.emit('queue-lost', { queue, system: loss.system });
    if (this.losses.length === 0) this.keptLosses.set(queue, loss);
    for (const listener of this.losses) await listener(loss);
  }

  private async tell(listener: LossListener, loss: Loss): Promise<void> {
    try {
      await listener(loss);
    } catch (error) {
      this.emit('problem', { what: `loss of ${loss.system ?? 'every queue'}`, reason: reasonOf(error) });
    }
  }
}

/** The words of an unknown error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
