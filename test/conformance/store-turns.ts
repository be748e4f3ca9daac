import type { AcceptanceRecord, KnownSystem } from '../../src/acceptance/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, until } from '../support/ledger-records.js';

/** The promises of Outbox on who is next. */
export function turnCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const order = {
    limit: 10_000,
    window: 6,

    reserveMs: 60_000,
    systems: new Map<string, KnownSystem>(),
  };
  const accept = async (system: string, sender: string, count: number, priority?: number) => {
    const message = { sender: { participant: 'c_i804', system: sender } };
    const records = Array.from({ length: count }, () => {
      const record = acceptanceRecord({ receivers: [system], message });
      return { ...record, deliveries: record.deliveries.map((one) => ({ ...one, priority })) } as AcceptanceRecord;
    });
    for (const record of records) await store().messages.accept(record);
    return records.map(({ message: { id } }) => id);
  };
  const take = async (system: string, node = store(), more: Partial<typeof order> = {}) => {
    const taken = await node.outbox.takeUnpublished({ ...order, ...more });
    return {
      ids: taken.items.filter(({ delivery }) => delivery.receiver.system === system).map(({ messageId }) => messageId),
      room: taken.rooms[system],
    };
  };

  describe('turns', () => {
    it('4: the burst of one sender leaves every other its turn, each of them in its order', async () => {
      const system = fresh('tributi');
      const burst = await accept(system, fresh('burst'), 20);
      const others = [await accept(system, fresh('one'), 1), await accept(system, fresh('two'), 2)];
      const { ids, room } = await take(system);
      expect([ids.length, room]).toEqual([6, 6]);
      expect(ids.slice(0, 3).toSorted()).toEqual([burst[0], others[0]![0], others[1]![0]].toSorted());
      expect(ids.slice(3, 5).toSorted()).toEqual([burst[1], others[1]![1]].toSorted());
      expect(ids[5]).toBe(burst[2]);
      expect((await take(system, nodes()[1])).ids).toEqual(burst.slice(3, 9));
    });

    it('4: the higher priority goes first, whoever sends it and however long others wait', async () => {
      const system = fresh('tributi');
      const sender = fresh('burst');
      const usual = await accept(system, sender, 5);
      const [low] = await accept(system, sender, 1, 0);
      const [high] = await accept(system, sender, 1, 9);
      const [higher] = await accept(system, fresh('another'), 1, 5);
      expect((await take(system)).ids).toEqual([high, higher, ...usual.slice(0, 4)]);
      expect((await take(system)).ids).toEqual([usual[4], low]);
    });

    it('4: one system does not eat what a sweep can carry', async () => {
      const [busy, quiet] = [fresh('a-busy'), fresh('z-quiet')];
      const sender = fresh('burst');
      await accept(busy, sender, 6);
      const [only] = await accept(quiet, sender, 1);
      let found: string[] = [];
      for (let sweep = 0; sweep < 60 && found.length === 0; sweep++)
        found = (await take(quiet, store(), { limit: 2, window: 1 })).ids;
      expect(found).toEqual([only]);
    });

    it('4: a system goes as fast as its relay lets it', async () => {
      const system = fresh('tributi');
      const ids = await accept(system, fresh('burst'), 5);
      const known = (atMost: number | null) => ({ systems: new Map([[system, { size: 100, unmarked: 0, atMost }]]) });
      expect(await take(system, store(), known(2))).toEqual({ ids: ids.slice(0, 2), room: 2 });
      expect(await take(system, store(), known(0))).toEqual({ ids: [], room: 0 });
      expect((await take(system, store(), known(null))).ids).toEqual(ids.slice(2));
    });

    it('4: gives nothing for a system that is spared, then one probe to one relay, until the circuit is closed', async () => {
      const system = fresh('tributi');
      const ids = await accept(system, fresh('burst'), 4);
      const first = await store().circuits.open(system, false);
      expect(first.getTime() - Date.now()).toBeGreaterThan(3_000);
      expect(await take(system)).toEqual({ ids: [], room: 0 });
      expect((await nodes()[1].outbox.takeUnpublished(order)).circuits).toContain(system);
      const longer = await nodes()[1].circuits.open(system, true);
      expect(longer.getTime()).toBeGreaterThan(first.getTime());
      let probes: string[] = [];
      await until(async () => (probes = (await take(system)).ids).length > 0);
      expect([probes, Date.now() >= longer.getTime() - 1_000]).toEqual([ids.slice(0, 1), true]);
      expect(await take(system, nodes()[1])).toEqual({ ids: [], room: 0 });
      expect((await store().circuits.until(system))?.getTime()).toBeGreaterThan(Date.now() + 5_000);
      await store().circuits.close(system);
      expect(await nodes()[1].circuits.until(system)).toBeNull();
      expect((await take(system)).ids.length).toBe(ids.length - 1);
    }, 60_000);
  });
}
