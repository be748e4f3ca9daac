import { Fault } from '../message/fault.js';
import type { QueryItem } from './ports.js';
import type { WrittenQuestion } from './question.js';

/** A question as it is handed to a puller. */
export interface PulledQuestion {
  readonly item: QueryItem;
  readonly written: WrittenQuestion;
}

export interface PulledAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Parked extends PulledQuestion {
  readonly resolve: (answer: PulledAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/** What became of a question that a puller had: `told` is expired, with its late answer written down. */
type End = 'answered' | 'expired' | 'told';

/** Ended questions whose answer, when it comes again or late, is told from one to nothing. */
const MAX_ENDED = 1_000;

/** A puller is taken to be there for this time after its last request: it works on what it fetched, or comes back. */
const LINGER_MS = 10_000;

interface QueueParts {
  /** Told of a puller that has come where there was none, and that none is there any more; resolves when askers know. */
  readonly changed: () => Promise<void>;
  readonly late: (id: string, answer: PulledAnswer) => void;
}

/** The questions to one system in this process: parked until a puller takes them, held until it answers. */
export class PullQueue {
  private readonly parked = new Set<Parked>();
  private readonly polls = new Set<(question: Parked | null) => void>();
  private readonly held = new Map<string, Parked>();
  private readonly ended = new Map<string, End>();
  private linger: NodeJS.Timeout | null = null;
  private isThere = false;
  private announced = Promise.resolve();

  constructor(private readonly parts: QueueParts) {}

  /** True while a puller waits, holds a question or was here a moment ago. */
  get isConnected(): boolean {
    return this.isThere;
  }

  /** Resolves with the puller's answer; rejects with the reason of `signal`, which is aborted at the deadline. */
  park(question: PulledQuestion, signal: AbortSignal): Promise<PulledAnswer> {
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
  async fetch(waitMs: number, signal: AbortSignal): Promise<PulledQuestion | null> {
    if (signal.aborted) return null;
    this.seen();
    const question = this.first() ?? (waitMs > 0 ? await this.wait(waitMs, signal) : null);
    if (question === null) await this.announced;
    return question;
  }

  private first(): Parked | null {
    const [first = null] = this.parked;
    if (first) this.hold(first);
    return first;
  }

  /** Throws question-unknown, question-expired. An answer that is repeated is taken like the first, and dropped. */
  answer(id: string, answer: PulledAnswer): void {
    const question = this.held.get(id);
    if (question) {
      this.let(id, 'answered');
      return question.resolve(answer);
    }
    const end = this.ended.get(id);
    if (end === undefined) throw unknownQuestion(id);
    if (end === 'answered') return;
    this.ended.set(id, 'told');
    if (end === 'expired') this.parts.late(id, answer);
    throw new Fault('question-expired', { detail: 'The answer came after the deadline.', place: 'address' });
  }

  /** Ends every poll and every question; nobody is there any more. */
  stop(reason: Fault): void {
    for (const poll of [...this.polls]) poll(null);
    for (const question of [...this.parked, ...this.held.values()]) this.end(question, reason);
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
    this.held.set(question.item.message.id, question);
    this.seen();
  }

  /** Lets go of a held question. */
  private let(id: string, end: End): void {
    this.held.delete(id);
    this.ended.set(id, end);
    const [oldest] = this.ended.keys();
    if (this.ended.size > MAX_ENDED) this.ended.delete(oldest!);
    this.seen();
  }

  private end(question: Parked, reason: unknown): void {
    const { id } = question.item.message;
    this.parked.delete(question);
    if (this.held.get(id) === question) this.let(id, 'expired');
    question.reject(reason);
  }

  private seen(): void {
    if (this.linger) clearTimeout(this.linger);
    const isBusy = this.polls.size > 0 || this.held.size > 0;
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

export const unknownQuestion = (id: string) =>
  new Fault('question-unknown', {
    detail: `No question "${id.slice(0, 64)}" of your system was handed out here.`,
    place: 'address',
    expected: 'the node that handed it out',
  });
