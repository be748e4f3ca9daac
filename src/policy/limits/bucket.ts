import type { Lease, Want } from './allowances.js';
import { keyOf, type Limit } from './limit.js';

/** A refusal of a day or a month is looked at again after it: another node may have given something back. */
const LOOK_AGAIN_MS = 60_000;
/** Parts in which a node takes a limit: what one has and does not use is less than one of them. */
const SLICES = { short: 50, long: 500 } as const;

/** What this node has of one window of one limit. */
export class Bucket {
  readonly key: string;
  private held = 0;
  /** Of the window, what no node had when the ledger was asked last. */
  private free: number | null = null;
  private endsAt: number;
  private lookAgainAt = 0;
  private debt = 0;
  private wasRefused = false;

  /** `before`: of the same window, with another count. */
  constructor(
    readonly limit: Limit,
    now: number,
    before?: Bucket,
  ) {
    this.key = keyOf(limit);
    this.endsAt = now + localEnd(limit.window);
    if (!before || before.endsAt <= now) return;
    [this.held, this.debt] = [before.held, before.debt];
  }

  fits({ count }: Limit, now: number): boolean {
    return this.limit.count === count && now < this.endsAt;
  }

  take(count: number, now: number): 'taken' | 'ask' | 'refused' {
    if (this.held >= count) {
      this.held -= count;
      return 'taken';
    }
    if (this.free === null || (now >= this.lookAgainAt && this.endsAt > now)) return 'ask';
    return this.held + this.free < count ? 'refused' : 'ask';
  }

  want(count: number): Want {
    const { count: most, window } = this.limit;
    const slice = Math.ceil(most / (typeof window === 'string' ? SLICES.long : SLICES.short));
    return { key: this.key, most, window, count: Math.min(most, Math.max(slice, count - this.held)), debt: this.debt };
  }

  /** `askedAt`: the window ends no later here than in the ledger. */
  granted(lease: Lease, askedAt: number): void {
    this.held += lease.granted;
    this.debt = 0;
    this.free = Math.max(0, this.limit.count - lease.used);
    this.endsAt = askedAt + lease.resetMs;
    this.lookAgainAt = askedAt + LOOK_AGAIN_MS;
  }

  /** The ledger is away: this node holds the limit by itself. */
  grantItself(count: number, now: number): void {
    const free = this.free ?? this.limit.count;
    const granted = Math.min(free, Math.max(0, count - this.held));
    this.held += granted;
    this.debt += granted;
    this.free = free - granted;
    this.lookAgainAt = Math.max(this.lookAgainAt, now + 1_000);
  }

  /** True once. */
  firstRefusal(): boolean {
    const isFirst = !this.wasRefused;
    this.wasRefused = true;
    return isFirst;
  }

  left(): number {
    return this.held + (this.free ?? this.limit.count);
  }

  resetMs(now: number): number {
    return Math.max(0, this.endsAt - now);
  }

  /** What is to be given back, or is owed. */
  rest(now: number): readonly Want[] {
    const { count: most, window } = this.limit;
    const debt = this.debt - this.held;
    return debt === 0 || now >= this.endsAt ? [] : [{ key: this.key, most, window, count: 0, debt }];
  }
}

/** Until the ledger has said when the window ends. */
function localEnd(window: Limit['window']): number {
  if (typeof window === 'number') return window * 1_000;
  const now = new Date();
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  return (window === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1)) - now.getTime();
}
