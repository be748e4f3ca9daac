import type { MessagePort } from 'node:worker_threads';
import { Fault } from '../message/fault.js';
import type { FromWorker, ToWorker } from './document-messages.js';

/** The worker has been ended because it took longer than it was given. */
export class OutOfTime extends Error {}

/** One side of the talk with a worker about one document. Faults of the worker are thrown where they are met. */
export class Conversation {
  private readonly inbox: FromWorker[] = [];
  private ended: Error | null = null;
  private wake: () => void = () => undefined;

  constructor(
    private readonly port: MessagePort,
    private readonly run: Promise<unknown>,
    private readonly terminate: () => void,
  ) {
    port.on('message', (message: FromWorker) => {
      this.inbox.push(message);
      this.wake();
    });
    port.on('close', () => this.end(new Error('The worker has ended')));
    run.catch((error: unknown) => this.end(error instanceof Error ? error : new Error(String(error))));
  }

  say(message: ToWorker): void {
    this.port.postMessage(message);
  }

  /** The next message. Throws OutOfTime after so many milliseconds (null: waits), and then the worker is gone. */
  async next(ms: number | null): Promise<FromWorker> {
    const by = ms === null ? Infinity : performance.now() + ms;
    while (this.inbox.length === 0) {
      if (this.ended) throw this.ended;
      if (performance.now() >= by) {
        this.terminate();
        throw new OutOfTime();
      }
      await this.woken(by);
    }
    const message = this.inbox.shift() as FromWorker;
    if (message.kind === 'fault') throw new Fault(message.code, message.info);
    if (message.kind === 'failed') throw new Error(message.message);
    return message;
  }

  async expect<K extends FromWorker['kind']>(kind: K, ms: number | null): Promise<Extract<FromWorker, { kind: K }>> {
    const message = await this.next(ms);
    if (message.kind !== kind) throw new Error(`The worker said ${message.kind} instead of ${kind}`);
    return message as Extract<FromWorker, { kind: K }>;
  }

  /** Lets the worker go on unheard, but not past that time of `performance.now()`. */
  endBy(time: number): void {
    const timer = setTimeout(this.terminate, Math.max(0, time - performance.now()));
    const clear = () => clearTimeout(timer);
    this.run.then(clear, clear);
  }

  close(): void {
    this.port.close();
  }

  private woken(by: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = by === Infinity ? undefined : setTimeout(resolve, Math.max(1, by - performance.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private end(error: Error): void {
    this.ended ??= error;
    this.wake();
  }
}
