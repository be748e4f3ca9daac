import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEvent } from './events.js';
import type { JournalFeed, TraceReader } from './ports.js';

/** Events of one answer. */
const PAGE = 500;
/** Events that are held for those who are a little behind. */
const HELD = 2_000;
/** Between two reads where this process has written meanwhile, and where another one may have. */
const PACE_MS = 100;
const POLL_MS = 1_000;

type Reader = Pick<TraceReader, 'eventsAfter'>;

export interface Following {
  /** Events after this one, ascending; none where none have come for a second; null once it has ended. Throws Fault store-unavailable. */
  after(cursor: number): Promise<readonly JournalEvent[] | null>;
  end(): void;
}

/** The end of the journal as it grows, of all nodes, read once for all who follow it: not once for each, as often as anything is written. */
export class JournalTail {
  private tail: Tail | null = null;
  private followers = 0;

  constructor(
    private readonly reader: Reader,
    private readonly feed: JournalFeed,
  ) {}

  follow(cursor: number): Following {
    const tail = (this.tail ??= new Tail(this.reader, this.feed, cursor));
    this.followers++;
    let isOver = false;
    return {
      after: async (seq) => {
        const rows = isOver ? null : await tail.after(seq);
        return isOver ? null : rows;
      },
      end: () => {
        if (!isOver) this.leave(tail);
        isOver = true;
      },
    };
  }

  private leave(tail: Tail): void {
    if (--this.followers > 0) return;
    tail.close();
    this.tail = null;
  }
}

/** From the first follower to the last one. */
class Tail {
  /** Ascending; none is missing between `from` and `to`. */
  private events: readonly JournalEvent[] = [];
  private from: number;
  private to: number;
  private growing: Promise<void> | null = null;
  private readAt = -Infinity;
  private isTold = false;
  private wake: () => void = () => undefined;
  readonly close: () => void;

  constructor(
    private readonly reader: Reader,
    feed: JournalFeed,
    cursor: number,
  ) {
    this.from = this.to = cursor;
    this.close = feed.subscribe(() => {
      this.isTold = true;
      this.wake();
    });
  }

  async after(cursor: number): Promise<readonly JournalEvent[]> {
    if (cursor > this.to) this.beginAt(cursor);
    const older = cursor < this.from ? await this.reader.eventsAfter(cursor, PAGE) : [];
    if (older.length > 0) return older;
    if (cursor < this.from || cursor >= this.to)
      await (this.growing ??= this.grow().finally(() => (this.growing = null)));
    return cursor < this.from ? [] : this.events.filter(({ seq }) => seq > cursor).slice(0, PAGE);
  }

  private async grow(): Promise<void> {
    if (!this.isTold) await this.told(POLL_MS - this.sinceRead());
    await pause(Math.max(0, PACE_MS - this.sinceRead()));
    this.isTold = false;
    this.readAt = performance.now();
    const { to } = this;
    const rows = await this.reader.eventsAfter(to, PAGE);
    if (this.to !== to) return;
    const all = [...this.events, ...rows];
    this.events = all.slice(-HELD);
    this.from = all.at(-HELD - 1)?.seq ?? this.from;
    this.to = rows.at(-1)?.seq ?? this.to;
    // Behind a full page there is more.
    if (rows.length === PAGE) [this.isTold, this.readAt] = [true, -Infinity];
  }

  /** Who is further on than what is held must not wait until all of it is read: who is behind reads for itself. */
  private beginAt(cursor: number): void {
    this.events = [];
    this.from = this.to = cursor;
  }

  private sinceRead(): number {
    return performance.now() - this.readAt;
  }

  private told(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
