import { searchOf, type DeliveryFilter } from '../../src/delivery/jobs/filter.js';
import type { Place } from '../../src/delivery/jobs/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { fresh, refOf } from '../support/ledger-records.js';
import { faultOf, jobRecords, LATER, LEASE } from './job-records.js';

/** The promises of DeliverySearch. */
export function searchCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const { one, some, idsOf } = jobRecords(nodes);

  describe('search of deliveries', () => {
    it('5: finds by state, receiver, sender, service, operation, agreement, cause, times and ids', async () => {
      const system = fresh('ricerca');
      const refused = await one(system, 'FAILED');
      const late = await one(system, 'EXPIRED', { service: 'altro', fault: 'delivery-expired' });
      const taken = await one(system, 'DELIVERED');
      const waits = await one(system, 'QUEUED');
      const find = async (filter: DeliveryFilter) =>
        idsOf(await store().search.list(searchOf({ receiver: system, ...filter }, new Date()), null, { limit: 10 }));
      const ids = (...records: readonly { readonly message: { readonly id: string } }[]) =>
        records.map(({ message }) => message.id);
      const hour = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();

      expect(await find({})).toEqual(ids(waits, taken, late, refused));
      expect(await find({ states: ['FAILED', 'EXPIRED'] })).toEqual(ids(late, refused));
      expect(await find({ states: ['QUEUED'] })).toEqual(ids(waits));
      expect(await find({ states: ['DELIVERED'] })).toEqual(ids(taken));
      expect(await find({ fault: 'receiver-refused' })).toEqual(ids(refused));
      expect(await find({ service: 'altro' })).toEqual(ids(late));
      expect(await find({ operation: 'nulla' })).toEqual([]);
      expect(await find({ agreement: 'sulmona-pratola', states: ['FAILED'] })).toEqual(ids(refused));
      expect(await find({ sender: taken.message.sender.system })).toEqual(ids(taken));
      expect(await find({ receiver: 'c_g878', ids: ids(late) })).toEqual(ids(late));
      expect(await find({ ids: [refOf(refused).deliveryId, taken.message.id] })).toEqual(ids(taken, refused));
      expect(await find({ acceptedAfter: hour(1) })).toEqual([]);
      expect(await find({ states: ['FAILED'], endedAfter: hour(-1), endedBefore: hour(1) })).toEqual(ids(refused));
      expect(await find({ states: ['FAILED'], endedBefore: hour(-1) })).toEqual([]);
    });

    it('5: pages by cursor, counts up to a bound, and keeps to the scope', async () => {
      const system = fresh('pagine');
      const records = await some(7, system, 'FAILED');
      const search = searchOf({ receiver: system, states: ['FAILED'] }, new Date());
      const seen: string[] = [];
      let before: Place | undefined;
      for (;;) {
        const page = await store().search.list(search, null, { limit: 3, ...(before && { before }) });
        seen.push(...idsOf(page));
        before = page.at(-1);
        if (page.length < 3) break;
      }
      expect(seen).toEqual(
        records
          .map(({ message }) => message.id)
          .toSorted()
          .toReversed(),
      );
      expect(await store().search.count(search, null, 100)).toEqual({ FAILED: 7 });
      expect(await store().search.count(search, null, 4)).toEqual({ FAILED: 4 });
      for (const [scope, count] of [
        [['c_g878'], 7],
        [['c_i804', 'c_x'], 7],
        [['c_x'], 0],
        [[], 0],
      ] as const) {
        expect((await store().search.count(search, scope, 100)).FAILED ?? 0).toBe(count);
        expect(await store().search.list(search, scope, { limit: 10 })).toHaveLength(count);
      }
    });

    it('5: finds a receipt by its own id only', async () => {
      const system = fresh('ricevuta');
      const record = await one(system, 'QUEUED');
      const claim = (await store().ledger.claim(refOf(record), LEASE))!;
      const { id, messageId, correlationId, sender } = record.message;
      const at = new Date().toISOString();
      const receipt = { kind: 'delivered' as const, id, messageId, correlationId, receiver: 'c_g878', at, fault: null };
      await store().ledger.settle(claim, { state: 'DELIVERED', receipt: { receipt, to: sender, expiresAt: LATER() } });
      const own = (await store().trace.status(id))!.deliveries.find(({ kind }) => kind === 'receipt')!.deliveryId;
      const find = async (ids: readonly string[]) =>
        (await store().search.list(searchOf({ ids }, new Date()), null, { limit: 9 })).map(
          ({ deliveryId }) => deliveryId,
        );
      expect(await find([id])).toEqual([refOf(record).deliveryId]);
      expect(await find([own])).toEqual([own]);
    });

    it('5: groups what is dead by cause, system and service, with how many were sent anew before', async () => {
      const [a, b] = [fresh('gruppo-a'), fresh('gruppo-b')];
      const [first] = await some(3, a, 'FAILED');
      await one(a, 'FAILED', { service: 'altro' });
      await one(a, 'EXPIRED', { fault: 'delivery-expired' });
      await one(b, 'FAILED');
      const ref = { ...refOf(first!), epoch: 2 };
      await store().control.retry(ref, { operator: 'anna', reason: 'why', again: false, expiresAt: LATER() });
      await store().ledger.settle((await store().ledger.claim(ref, LEASE))!, {
        state: 'FAILED',
        fault: faultOf('receiver-refused'),
      });
      const groups = async (receiver: string, bound = 100) =>
        store().search.deadLetters(searchOf({ receiver, states: ['FAILED', 'EXPIRED'] }, new Date()), null, bound);
      const { groups: ofA, counted } = await groups(a);
      expect(counted).toBe(5);
      expect(ofA[0]).toMatchObject({
        fault: 'receiver-refused',
        receiver: 'c_g878',
        system: a,
        service: 'variazione-anagrafica',
        count: 3,
        retried: 1,
        example: first!.message.id,
      });
      expect(ofA[0]!.oldest.getTime()).toBeLessThan(ofA[0]!.newest.getTime());
      expect(ofA.slice(1).map(({ fault, count }) => [fault, count])).toEqual([
        ['delivery-expired', 1],
        ['receiver-refused', 1],
      ]);
      expect((await groups(b)).groups).toHaveLength(1);
      expect((await groups(a, 2)).counted).toBe(2);
    });
  });
}
