import type { BrokerEvent } from './broker.js';

/** Who listens to the broker. */
export class Listeners {
  private readonly events: ((event: BrokerEvent) => void)[] = [];
  private readonly losses: ((system: string | null) => void)[] = [];

  onEvent(listener: (event: BrokerEvent) => void): void {
    this.events.push(listener);
  }

  onQueueLost(listener: (system: string | null) => void): void {
    this.losses.push(listener);
  }

  emit(name: BrokerEvent['name'], detail: BrokerEvent['detail'] = {}): void {
    for (const listener of this.events) listener({ name, detail });
  }

  /** `system` is undefined for a queue that holds nothing of the ledger's window. */
  queueLost(queue: string, system?: string): void {
    this.emit('queue-lost', { queue, system: system ?? null });
    if (system !== undefined) for (const listener of this.losses) listener(system);
  }
}

/** The words of an unknown error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
