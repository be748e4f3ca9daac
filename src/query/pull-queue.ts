import type { Fault } from '../message/fault.js';
import { HandedOut, type HandedAnswer, type HandedQuestion, type Waiting } from './handed-out.js';

interface Parked extends HandedQuestion, Waiting {}

/** A puller is taken to be there for this time after its last request: it works on what it fetched, or comes back. */
const LINGER_MS = 10_000;
/** With less time than this to its deadline a question is not handed out any more: who asked may have been told already. */
const LEAST_LEFT_MS = 20;

interface QueueParts {
  /** Told of a puller that has come where there was none, and that none is there any more; resolves when askers know. */
  readonly changed: () => Promise<void>;
  readonly late: (id: string, answer: HandedAnswer) => void;
}

/** The questions to one system in this process: parked until a puller takes them, held until it answers. */
export class PullQueue {
  private readonly parked = new Set<Parked>();
  private readonly polls = new Set<(question: Parked | null) => void>();
  private readonly handed: HandedOut;
  private linger: NodeJS.Timeout | null = null;
  private isThere = false;
  private announced = Promise.resolve();

  constructor(private readonly parts: QueueParts) {
    this.handed = new HandedOut(parts.late);
  }

  /** True while a puller waits, holds a question or was here a moment ago. */
  get isConnected(): boolean {
    return this.isThere;
  }

  /** Resolves with the puller's answer; rejects with the reason of `signal`, which is aborted at the deadline. */
  park(question: HandedQuestion, signal: AbortSignal): Promise<HandedAnswer> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const parked = { ...question, resolve, reject };
      signal.addEventListener('abort', () => this.end(parked, signal.reason), { once: true });
      const [poll] = this.polls;
      if (poll) poll(parked);
      else this.parked.add(parked);
    });
  }

  /**
   * The next question, which is then this puller's to answer; null where none came in time. Who was told null can be
   * asked from then on.
   */
  async fetch(waitMs: number, signal: AbortSignal): Promise<HandedQuestion | null> {
    if (signal.aborted) return null;
    this.seen();
    const question = this.first() ?? (waitMs > 0 ? await this.wait(waitMs, signal) : null);
    if (question === null) await this.announced;
    return question;
  }

  private first(): Parked | null {
    const latest = Date.now() + LEAST_LEFT_MS;
    const first = [...this.parked].find(({ item }) => item.deadline.getTime() > latest) ?? null;
    if (first) this.hold(first);
    return first;
  }

  /** Throws question-unknown, question-expired. An answer that is repeated is taken like the first, and dropped. */
  answer(id: string, answer: HandedAnswer): void {
    this.handed.answer(id, answer);
    this.seen();
  }

  /** Ends every poll and every question; nobody is there any more. */
  stop(reason: Fault): void {
    for (const poll of [...this.polls]) poll(null);
    for (const question of [...this.parked]) this.end(question, reason);
    this.handed.endAll(reason);
    this.gone();
  }

  /** A question is held in the turn in which it comes, so that it is nobody else's. */
  private wait(waitMs: number, signal: AbortSignal): Promise<Parked | null> {
    return new Promise((resolve) => {
      const settle = (question: Parked | null) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.polls.delete(settle);
        if (question) this.hold(question);
        this.seen();
        resolve(question);
      };
      const giveUp = () => settle(null);
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.polls.add(settle);
      this.seen();
    });
  }

  private hold(question: Parked): void {
    this.parked.delete(question);
    this.handed.hold(question.item.message.id, question);
    this.seen();
  }

  private end(question: Parked, reason: unknown): void {
    if (this.parked.delete(question)) return question.reject(reason);
    if (this.handed.end(question.item.message.id, reason, question)) this.seen();
  }

  private seen(): void {
    if (this.linger) clearTimeout(this.linger);
    const isBusy = this.polls.size > 0 || this.handed.size > 0;
    this.linger = isBusy ? null : setTimeout(() => this.gone(), LINGER_MS).unref();
    if (this.isThere) return;
    this.isThere = true;
    this.announced = this.parts.changed();
  }

  private gone(): void {
    if (this.linger) clearTimeout(this.linger);
    this.linger = null;
    if (!this.isThere) return;
    this.isThere = false;
    this.announced = this.parts.changed();
  }
}
