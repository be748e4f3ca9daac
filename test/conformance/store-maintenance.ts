import type { Store } from '../../src/store/open-store.js';

/** The promises of MaintenanceStore, over two nodes. */
export function maintenanceCases(nodes: () => readonly [Store, Store]): void {
  describe('maintenance', () => {
    const [one, other] = [() => nodes()[0].maintenance, () => nodes()[1].maintenance];
    const order = { operator: 'platform', reason: 'PostgreSQL 18', until: null };

    it('7.16: is one for all nodes, keeps its beginning when it is changed, and ends once', async () => {
      expect(await one().read()).toBeNull();
      const begun = await one().begin(order);
      expect(begun).toMatchObject({ maintenance: order, leftMs: null });
      expect(await other().read()).toEqual(begun);
      const until = new Date(Date.now() + 60_000);
      const changed = await other().begin({ operator: 'anna', reason: 'longer', until });
      expect(changed.maintenance).toEqual({
        operator: 'anna',
        reason: 'longer',
        since: begun.maintenance.since,
        until,
      });
      expect(changed.leftMs).toBeGreaterThan(50_000);
      expect(await one().end()).toEqual(changed.maintenance);
      expect([await other().read(), await other().end()]).toEqual([null, null]);
    });

    it('7.16: that its time was over is written down once, by whichever node looks first, also before what comes next', async () => {
      const told = () => nodes()[0].audit.list({ event: 'maintenance.ended', operator: 'gateway' }, { limit: 50 });
      const before = (await told()).length;
      const until = new Date(Date.now() - 1);
      const { maintenance } = await one().begin({ ...order, until });
      expect(await Promise.all([one(), other(), one(), other()].map((node) => node.read()))).toEqual(
        Array(4).fill(null),
      );
      const [entry, ...others] = await told();
      expect(others).toHaveLength(before);
      expect(entry).toMatchObject({ address: null, subject: null, participants: null });
      const { since } = maintenance;
      expect(entry!.detail).toEqual({ reason: order.reason, since: since.toISOString(), until: until.toISOString() });
      await one().begin({ ...order, until });
      await other().begin({ ...order, until });
      await one().end();
      expect(await told()).toHaveLength(before + 3);
      await one().begin(order);
      await one().end();
      expect(await told()).toHaveLength(before + 3);
    });

    it('7.16: is over at its time, and begins anew then', async () => {
      const until = new Date(Date.now() - 1);
      await one().begin({ ...order, until });
      expect([await one().read(), await other().end()]).toEqual([null, null]);
      const past = await one().begin({ ...order, until });
      const next = await other().begin(order);
      expect(next.maintenance.since.getTime()).toBeGreaterThanOrEqual(past.maintenance.since.getTime());
      expect(await one().end()).toMatchObject(order);
    });
  });
}
