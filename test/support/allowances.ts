import type { Allowances, Lease, Want } from '../../src/policy/limits/allowances.js';
import { createLeases, type Leases } from '../../src/policy/limits/leases.js';
import type { Limit } from '../../src/policy/limits/limit.js';

/** Counters in memory, shared by whoever is given them. */
export class MemoryAllowances implements Allowances {
  readonly counters = new Map<string, { used: number; until: number }>();
  calls = 0;
  isAway = false;

  constructor(private readonly now: () => number = () => performance.now()) {}

  async lease(wants: readonly Want[]): Promise<readonly Lease[]> {
    this.calls++;
    if (this.isAway) throw new Error('away');
    return wants.map((want) => this.one(want));
  }

  private one({ key, most, window, count, debt }: Want): Lease {
    const now = this.now();
    const known = this.counters.get(key);
    const length = typeof window === 'number' ? window * 1_000 : 86_400_000;
    const counter = known && known.until > now ? known : { used: 0, until: now + length };
    const used = Math.max(0, counter.used + debt);
    const granted = Math.min(count, Math.max(0, most - used));
    this.counters.set(key, { ...counter, used: used + granted });
    return { key, granted, used: used + granted, resetMs: counter.until - now };
  }
}

export const leasesOver = (
  allowances: Allowances,
  now: () => number = () => performance.now(),
  reached: (limit: Limit) => void = () => undefined,
): Leases => createLeases({ allowances, now, reached, problem: () => undefined });
