import type { Want } from '../../src/policy/limits/allowances.js';
import type { Limit } from '../../src/policy/limits/limit.js';
import type { Store } from '../../src/store/open-store.js';
import { leasesOver } from '../support/allowances.js';
import { fresh } from '../support/ledger-records.js';

/** The promises of Allowances, and what nodes make of them. */
export function allowanceCases(nodes: () => readonly [Store, Store]): void {
  const want = (key: string, more: Partial<Want> = {}): Want => ({
    key,
    most: 10,
    window: 60,
    count: 4,
    debt: 0,
    ...more,
  });
  const granted = async (node: Store, ...wants: Want[]) =>
    (await node.allowances.lease(wants)).map((lease) => lease.granted);

  describe('allowances', () => {
    it('7: grant no more of a window than there is, whichever node asks', async () => {
      const key = fresh('system');
      const [one, two] = nodes();
      const all = await Promise.all([one, two, one, two].map((node) => granted(node, want(key))));
      expect(all.flat().toSorted()).toEqual([0, 2, 4, 4]);
      const [lease] = await two.allowances.lease([want(key)]);
      expect(lease).toMatchObject({ key, granted: 0, used: 10 });
      expect(lease!.resetMs).toBeGreaterThan(30_000);
      expect(lease!.resetMs).toBeLessThanOrEqual(60_000);
    });

    it('7: begin anew with the next use when a window is over', async () => {
      const key = fresh('system');
      const short = want(key, { window: 0.05, count: 10 });
      expect(await granted(nodes()[0], short)).toEqual([10]);
      let again = [0];
      while (again[0] === 0) again = await granted(nodes()[1], short);
      expect(again).toEqual([10]);
    });

    it('7: end with the day and the month of UTC', async () => {
      const now = new Date();
      const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime();
      const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - now.getTime();
      const wants = [want(fresh('body'), { window: 'day' }), want(fresh('body'), { window: 'month' })];
      const leases = await nodes()[0].allowances.lease(wants);
      for (const [at, expected] of [day, month].entries()) {
        const { resetMs } = leases.find(({ key }) => key === wants[at]!.key)!;
        expect(Math.abs(resetMs - expected)).toBeLessThan(60_000);
      }
    });

    it('7: count what is owed, take back what is given back, and obey a limit that changes', async () => {
      const key = fresh('body');
      const [one, two] = nodes();
      expect(await granted(one, want(key, { count: 8 }))).toEqual([8]);
      expect(await granted(two, want(key, { count: 0, debt: -3 }))).toEqual([0]);
      expect(await granted(two, want(key, { count: 9 }))).toEqual([5]);
      expect(await granted(one, want(key, { debt: 5 }))).toEqual([0]);
      expect(await granted(one, want(key, { most: 16, count: 9 }))).toEqual([1]);
      expect(await granted(one, want(key, { most: 3 }))).toEqual([0]);
      expect(await granted(one, want(fresh('body'), { debt: 12 }), want(fresh('body'), { debt: 7 }))).toEqual(
        expect.arrayContaining([0, 3]),
      );
    });

    it('7: two nodes admit no more than the limit together, and one alone nearly all of it', async () => {
      const limit = (count: number): Limit => ({
        kind: 'system',
        whose: fresh('s'),
        unit: 'requests',
        count,
        window: 60,
      });
      const pair = nodes().map(({ allowances }) => leasesOver(allowances));
      const admitted = async (held: Limit, node: number, tries: number) => {
        let count = 0;
        for (let at = 0; at < tries; at++) count += (await pair[node]!.take(held, 1)) === null ? 1 : 0;
        return count;
      };
      const shared = limit(300);
      const both = await Promise.all([admitted(shared, 0, 400), admitted(shared, 1, 400)]);
      expect(both[0]! + both[1]!).toBeLessThanOrEqual(300);
      expect(both[0]! + both[1]!).toBeGreaterThanOrEqual(294);
      const lone = limit(300);
      await admitted(lone, 1, 1);
      expect(await admitted(lone, 0, 400)).toBeGreaterThanOrEqual(294);
    });
  });
}
