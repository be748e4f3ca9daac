import { Fault } from '../message/fault.js';
import type { LateAnswer, QueryItem, QueryOutcome } from '../query/ports.js';

interface Ask {
  readonly resolve: (outcome: QueryOutcome) => void;
  readonly reject: (reason: unknown) => void;
  /** Stops the clock and leaves the signal. */
  readonly release: () => void;
  /** Takes the question back, or ends its call. */
  readonly withdraw: () => void;
}

/**
 * The questions of this process that wait for their outcome, each until its deadline or its signal. One that is asked again under
 * its id, as a delivery whose lease ran out is, takes the place of the first, which ends.
 */
export class PendingAsks {
  private readonly asks = new Map<string, Ask>();
  private readonly listeners: ((late: LateAnswer) => void)[] = [];

  /** Opens an ask and lets `send` take the question on its way; it may settle the ask at once. */
  open(item: QueryItem, signal: AbortSignal, parts: { send: () => void; withdraw: () => void }): Promise<QueryOutcome> {
    const left = item.deadline.getTime() - Date.now();
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (left <= 0) return Promise.reject(timeoutFault());
    const { id } = item.message;
    if (this.asks.has(id)) this.fail(id, repeatedFault());
    return new Promise((resolve, reject) => {
      const abort = () => this.fail(id, signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const timer = setTimeout(() => this.fail(id, timeoutFault()), left);
      const release = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      this.asks.set(id, { resolve, reject, release, withdraw: parts.withdraw });
      parts.send();
    });
  }

  /** The answer to a question that nobody waits for any more is late. */
  settle(id: string, outcome: QueryOutcome): void {
    const ask = this.take(id);
    if (ask === null) this.tellLate(id, outcome);
    else ask.resolve(outcome);
  }

  /** Withdraws the question, wherever it is. */
  fail(id: string, reason: unknown): void {
    const ask = this.take(id);
    ask?.withdraw();
    ask?.reject(reason);
  }

  /** The question is nowhere any more: it was not taken, or it has been called. */
  refuse(id: string, fault: Fault): void {
    this.take(id)?.reject(fault);
  }

  failAll(fault: Fault): void {
    for (const id of [...this.asks.keys()]) this.fail(id, fault);
  }

  onLate(listener: (late: LateAnswer) => void): void {
    this.listeners.push(listener);
  }

  /** Tells of an answer; a failure that nobody waits for is dropped. */
  tellLate(id: string, outcome: QueryOutcome): void {
    if (outcome.kind === 'answered') for (const listener of this.listeners) listener({ id, outcome });
  }

  private take(id: string): Ask | null {
    const ask = this.asks.get(id);
    if (ask === undefined) return null;
    this.asks.delete(id);
    ask.release();
    return ask;
  }
}

function repeatedFault(): Fault {
  return new Fault('query-timeout', { detail: 'The question was asked again before it was answered.' });
}

export function timeoutFault(): Fault {
  return new Fault('query-timeout', { detail: 'The answering system did not answer before the deadline.' });
}

/** As many questions wait for the system as it allows. */
export function fullFault(system: string): Fault {
  const detail = `As many questions wait for system ${system} as it allows.`;
  return new Fault('receiver-overloaded', { detail, retryAfterSeconds: 1 });
}

export function unservedFault(system: string): Fault {
  const detail = `Nobody takes questions for ${system} at present: nobody fetches them, or no node serves it.`;
  return new Fault('receiver-overloaded', { detail, retryAfterSeconds: 5 });
}

export function closedFault(): Fault {
  return new Fault('stopping', { detail: 'The broker is closed.' });
}
