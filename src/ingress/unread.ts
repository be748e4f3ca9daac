import type { ServerResponse } from 'node:http';

type Answer = Pick<ServerResponse, 'destroy' | 'once'>;

/** What a connection's own buffers take, about. */
const SMALL_BYTES = 64 * 1024;
/** Time that a consumer has to read an answer: so long, and a second for each 256 KiB. */
const READ_MS = 15_000;
const BYTES_PER_MS = 256;
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Answers that are on their way to consumers, and lie in memory until they are read. Who reads too slowly is cut off, and over 512
 * MiB in all the answer that has lain there longest.
 */
export class UnreadAnswers {
  private readonly answers = new Map<Answer, number>();
  private bytes = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  add(answer: Answer, size: number): void {
    if (size <= SMALL_BYTES) return;
    const timer = setTimeout(() => answer.destroy(), READ_MS + size / BYTES_PER_MS);
    answer.once('close', () => {
      clearTimeout(timer);
      this.forget(answer);
    });
    this.answers.set(answer, size);
    this.bytes += size;
    while (this.bytes > this.maxBytes && this.answers.size > 1) this.cutOffOldest();
  }

  /** One that is read from elsewhere while it is sent, and lies in memory nowhere. */
  pace(answer: Answer, size: number): void {
    const timer = setTimeout(() => answer.destroy(), READ_MS + size / BYTES_PER_MS);
    answer.once('close', () => clearTimeout(timer));
  }

  private cutOffOldest(): void {
    const [oldest] = this.answers.keys();
    this.forget(oldest!);
    oldest!.destroy();
  }

  private forget(answer: Answer): void {
    this.bytes -= this.answers.get(answer) ?? 0;
    this.answers.delete(answer);
  }
}
