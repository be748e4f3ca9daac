import { leasesOver, MemoryAllowances } from '../../../test/support/allowances.js';
import type { Leases } from './leases.js';
import type { Limit } from './limit.js';

const limit = (count: number, window: Limit['window'] = 60): Limit => ({
  kind: 'system',
  whose: 's',
  unit: 'requests',
  count,
  window,
});
const admitted = async (leases: Leases, held: Limit, tries: number) =>
  (await Promise.all(Array.from({ length: tries }, () => leases.take(held, 1)))).filter((one) => one === null).length;

describe('leases of a limit', () => {
  let time = 0;
  const now = () => time;

  it('7: give a lone node the whole limit, for few questions to the ledger', async () => {
    const allowances = new MemoryAllowances(now);
    const leases = leasesOver(allowances, now);
    let count = 0;
    for (let round = 0; round < 3_000; round++) count += (await leases.take(limit(1_000), 1)) === null ? 1 : 0;
    expect(count).toBe(1_000);
    // A slice is a fiftieth; what is used up is known without a question.
    expect(allowances.calls).toBe(50);
  });

  it('7: never admit more than the limit over many nodes, and all of it but a slice of each idle one', async () => {
    const allowances = new MemoryAllowances(now);
    const nodes = Array.from({ length: 4 }, () => leasesOver(allowances, now));
    const idle = await Promise.all(nodes.slice(0, 3).map((node) => admitted(node, limit(500), 1)));
    const busy = await admitted(nodes[3]!, limit(500), 900);
    const total = busy + idle.reduce((sum, one) => sum + one);
    expect(total).toBeLessThanOrEqual(500);
    expect(total).toBeGreaterThanOrEqual(500 - 3 * 10);
  });

  it('7: a window that ends frees the limit, and says when', async () => {
    const leases = leasesOver(new MemoryAllowances(now), now);
    expect(await admitted(leases, limit(2, 10), 3)).toBe(2);
    time += 4_000;
    expect(await leases.take(limit(2, 10), 1)).toBe(6_000);
    expect(leases.state(limit(2, 10))).toEqual({ left: 0, resetMs: 6_000 });
    time += 6_001;
    expect(leases.state(limit(2, 10)).left).toBe(2);
    expect(await admitted(leases, limit(2, 10), 3)).toBe(2);
  });

  it('7: what is larger than what is left is refused, what fits is not', async () => {
    const leases = leasesOver(new MemoryAllowances(now), now);
    const bytes = limit(1_000, 'day');
    expect(await leases.take(bytes, 900)).toBeNull();
    expect(await leases.take(bytes, 200)).toBeGreaterThan(0);
    expect(await leases.take(bytes, 100)).toBeNull();
  });

  it('7: while the ledger is away a node holds the limit by itself, and owes what it has given', async () => {
    const allowances = new MemoryAllowances(now);
    const leases = leasesOver(allowances, now);
    allowances.isAway = true;
    expect(await admitted(leases, limit(100), 150)).toBe(100);
    expect(allowances.calls).toBe(1);
    allowances.isAway = false;
    time += 2_000;
    expect(await leases.take(limit(100), 1)).toBeGreaterThan(0);
    expect([...allowances.counters.values()]).toMatchObject([{ used: 100 }]);
  });

  it('7: a stop gives back what was not used', async () => {
    const allowances = new MemoryAllowances(now);
    const leases = leasesOver(allowances, now);
    await leases.take(limit(1_000_000, 'month'), 1);
    expect([...allowances.counters.values()]).toMatchObject([{ used: 2_000 }]);
    await leases.stop();
    expect([...allowances.counters.values()]).toMatchObject([{ used: 1 }]);
  });

  it('7: a limit that is raised is in force at once, with what was used of it', async () => {
    const reached: Limit[] = [];
    const leases = leasesOver(new MemoryAllowances(now), now, (one) => void reached.push(one));
    expect(await admitted(leases, limit(2), 5)).toBe(2);
    expect(reached).toEqual([limit(2)]);
    expect(await admitted(leases, limit(5), 5)).toBe(3);
  });
});
