import { createLeases } from '../../src/policy/limits/leases.js';
/** Counters in memory, shared by whoever is given them. */
export class MemoryAllowances {
    now;
    counters = new Map();
    calls = 0;
    isAway = false;
    constructor(now = () => performance.now()) {
        this.now = now;
    }
    async lease(wants) {
        this.calls++;
        if (this.isAway)
            throw new Error('away');
        return wants.map((want) => this.one(want));
    }
    one({ key, most, window, count, debt }) {
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
export const leasesOver = (allowances, now = () => performance.now(), reached = () => undefined) => createLeases({ allowances, now, reached, problem: () => undefined });
//# sourceMappingURL=allowances.js.map