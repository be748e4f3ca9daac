/**
 * Work of one queue, first come first served, at most `concurrency` pieces at once. A piece that says that it is called makes way for the
 * next one while it ends, up to twice as many in all.
 */
export class Lane<T> {
  private readonly waiting: T[] = [];
  private running = 0;
  private ending = 0;
  private onIdle: (() => void)[] = [];

  constructor(
    private limit: number,
    /** Must not reject. */
    private readonly run: (job: T, called: () => void) => Promise<void>,
  ) {}

  offer(job: T): void {
    this.waiting.push(job);
    this.pump();
  }

  /** Offers again what came before all that waits. */
  putBack(job: T): void {
    this.waiting.unshift(job);
    this.pump();
  }

  /** How many have not begun. */
  get backlog(): number {
    return this.waiting.length;
  }

  /** True where what is offered now begins at once. */
  get hasRoom(): boolean {
    return this.running < this.limit && this.running + this.ending < 2 * this.limit;
  }

  /** Takes back one job where it has not begun; false where it has. */
  remove(job: T): boolean {
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
    return at >= 0;
  }

  set concurrency(limit: number) {
    this.limit = limit;
    this.pump();
  }

  /** Takes back what has not begun, first come first. */
  withdraw(): T[] {
    return this.waiting.splice(0);
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.running + this.ending > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  private pump(): void {
    while (this.hasRoom) {
      const job = this.waiting.shift();
      if (job === undefined) return;
      this.begin(job);
    }
  }

  private begin(job: T): void {
    let isEnding = false;
    const called = () => {
      if (isEnding) return;
      isEnding = true;
      this.running -= 1;
      this.ending += 1;
      this.pump();
    };
    this.running += 1;
    void this.run(job, called).finally(() => {
      called();
      this.finished();
    });
  }

  private finished(): void {
    this.ending -= 1;
    this.pump();
    if (this.running + this.ending === 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }
}
