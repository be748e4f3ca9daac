import { Fault } from '../message/fault.js';
import type { QueryItem } from './ports.js';
import type { WrittenQuestion } from './question.js';

/** A question as it is handed to a system that cannot be called. */
export interface HandedQuestion {
  readonly item: QueryItem;
  readonly written: WrittenQuestion;
}

export interface HandedAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Who waits for the answer. */
export interface Waiting {
  readonly resolve: (answer: HandedAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/** What became of a question that a system had: `told` is expired, with its late answer written down. */
type End = 'answered' | 'expired' | 'told';

/** Ended questions whose answer, when it comes again or late, is told from one to nothing. */
const MAX_ENDED = 1_000;

/** The questions that one system has in its hands: each is answered once, or ended. */
export class HandedOut {
  private readonly held = new Map<string, Waiting>();
  private readonly ended = new Map<string, End>();

  /** `late` is told of an answer that came after the end, once. */
  constructor(private readonly late: (id: string, answer: HandedAnswer) => void) {}

  get size(): number {
    return this.held.size;
  }

  /** Who waited for the same question before ends. */
  hold(id: string, waiting: Waiting): void {
    this.end(id, askedAgain());
    this.held.set(id, waiting);
  }

  /** Throws question-unknown, question-expired. An answer that is repeated is taken like the first, and dropped. */
  answer(id: string, answer: HandedAnswer): void {
    const waiting = this.take(id, 'answered');
    if (waiting) return waiting.resolve(answer);
    const end = this.ended.get(id);
    if (end === undefined) throw unknownQuestion(id);
    if (end === 'answered') return;
    this.ended.set(id, 'told');
    if (end === 'expired') this.late(id, answer);
    throw new Fault('question-expired', { detail: 'The answer came after the deadline.', place: 'address' });
  }

  /** `of` waits for it no more, or nobody; false where it was not in the system's hands for them. */
  end(id: string, reason: unknown, of?: Waiting): boolean {
    if (of !== undefined && this.held.get(id) !== of) return false;
    const waiting = this.take(id, 'expired');
    waiting?.reject(reason);
    return waiting !== null;
  }

  endAll(reason: unknown): void {
    for (const id of [...this.held.keys()]) this.end(id, reason);
  }

  private take(id: string, end: End): Waiting | null {
    const waiting = this.held.get(id);
    if (!waiting) return null;
    this.held.delete(id);
    this.ended.set(id, end);
    const [oldest] = this.ended.keys();
    if (this.ended.size > MAX_ENDED) this.ended.delete(oldest!);
    return waiting;
  }
}

const askedAgain = () => new Fault('query-timeout', { detail: 'The question was asked again before it was answered.' });

export const unknownQuestion = (id: string) =>
  new Fault('question-unknown', {
    detail: `No question "${id.slice(0, 64)}" of your system was handed out here.`,
    place: 'address',
    expected: 'the node that handed it out',
  });
