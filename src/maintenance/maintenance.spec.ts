import type { Fault } from '../message/fault.js';
import { createMaintenance } from './maintenance.js';
import type { InForce, Maintenance, MaintenanceStore } from './ports.js';

const ORDER = { operator: 'platform', reason: 'PostgreSQL 18', until: null };
const inForce = (leftMs: number | null): InForce => ({
  maintenance: {
    ...ORDER,
    since: new Date('2026-11-28T10:00:00Z'),
    until: leftMs === null ? null : new Date('2026-11-28T12:00:00Z'),
  },
  leftMs,
});

function watch(found: InForce | null) {
  const seen = { now: 0, news: [] as (Maintenance | null)[], found };
  const store: MaintenanceStore = {
    read: async () => seen.found,
    begin: async () => (seen.found = inForce(null)),
    end: async () => {
      const before = seen.found?.maintenance ?? null;
      seen.found = null;
      return before;
    },
  };
  const changed = (now: Maintenance | null) => void seen.news.push(now);
  const maintenance = createMaintenance({ store, changed, problem: () => undefined, clock: () => seen.now });
  return { maintenance, seen };
}

const refusal = (work: () => void): Fault | null => {
  try {
    work();
    return null;
  } catch (error) {
    return error as Fault;
  }
};

describe('maintenance', () => {
  it('7.16: lets everything through where there is none', async () => {
    const { maintenance, seen } = watch(null);
    await maintenance.start();
    expect(maintenance.requireOpen()).toBeUndefined();
    expect(seen.news).toEqual([]);
    await maintenance.stop();
  });

  it.each([
    [null, 60],
    [90_001, 91],
    [4 * 3_600_000, 600],
  ])('7.16: with %s ms left it is refused with Retry-After %i, and never with the reason', async (leftMs, seconds) => {
    const { maintenance } = watch(inForce(leftMs));
    await maintenance.start();
    const fault = refusal(maintenance.requireOpen);
    expect([fault?.code, fault?.info.retryAfterSeconds]).toEqual(['maintenance', seconds]);
    expect(fault?.info.detail).not.toContain('PostgreSQL');
    await maintenance.stop();
  });

  it('7.16: ends at its time by the clock of this node, without a look', async () => {
    const { maintenance, seen } = watch(inForce(5_000));
    await maintenance.start();
    seen.now = 4_999;
    expect(maintenance.current()).not.toBeNull();
    seen.now = 5_000;
    expect([maintenance.current(), refusal(maintenance.requireOpen)]).toEqual([null, null]);
    await maintenance.stop();
  });

  it('7.16: what is ordered here is in force at once, and told once', async () => {
    const { maintenance, seen } = watch(null);
    await maintenance.start();
    await maintenance.begin(ORDER);
    expect(refusal(maintenance.requireOpen)?.code).toBe('maintenance');
    expect(await maintenance.end()).toMatchObject(ORDER);
    expect(maintenance.current()).toBeNull();
    expect(await maintenance.end()).toBeNull();
    expect(seen.news).toEqual([expect.objectContaining(ORDER), null]);
    await maintenance.stop();
  });
});
