import type { Store } from '../../src/store/open-store.js';
import type { JournalEvent } from '../../src/trace/events.js';
import type { MessageFilter, MessagePageOrder } from '../../src/trace/ports.js';
import { acceptanceRecord, fresh, refOf, rejectionRecord, until } from '../support/ledger-records.js';

const LEASE = { owner: 'dispatcher-1', ms: 60_000 };
const NEVER = new AbortController().signal;

/** The promises of BoxStore, TraceReader and JournalFeed. */
export function boxCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const accept = async (order: Parameters<typeof acceptanceRecord>[0]) => {
    const record = acceptanceRecord(order);
    await store().messages.accept(record);
    return record;
  };
  const post = async (node: Store, record: ReturnType<typeof acceptanceRecord>) => {
    const claim = await node.ledger.claim(refOf(record), LEASE);
    await node.ledger.settle(claim!, { state: 'AVAILABLE' });
  };
  const deliver = async (system: string) => {
    const record = await accept({ receivers: [system] });
    await post(store(), record);
    return record;
  };

  describe('box', () => {
    it('8: leases the oldest entries to one fetch', async () => {
      const system = fresh('protocollo');
      const records = [await deliver(system), await deliver(system), await deliver(system)];
      const together = await Promise.all(nodes().map((node) => node.box.fetch(system, 2, 60_000)));
      // Where both look at the same two, each may get one of them.
      const entries = [...together.flat(), ...(await store().box.fetch(system, 2, 60_000))];
      const ids = entries.map((entry) => entry.message.id).toSorted();
      expect(ids).toEqual(records.map(({ message }) => message.id));
      const [entry] = entries.filter(({ message }) => message.id === ids[0]);
      expect(entry).toMatchObject({ message: records[0]!.message, content: records[0]!.content, receipt: null });
      expect(await store().box.fetch(system, 2, 60_000)).toEqual([]);
    });

    it('8: acknowledges by the lease, once', async () => {
      const system = fresh('protocollo');
      const { message } = await deliver(system);
      const [entry] = await store().box.fetch(system, 1, 60_000);
      const { deliveryId, lease } = entry!;
      const acknowledge = (by: string, token: string) =>
        store().box.acknowledge(by, deliveryId, token, { state: 'DELIVERED' });
      expect(await acknowledge(fresh('stranger'), lease)).toBe('unknown');
      expect(await acknowledge(system, 'another')).toBe('lost');
      expect(await store().box.entry(system, deliveryId)).toMatchObject({ state: 'AVAILABLE', message });
      expect(await acknowledge(system, lease)).toBe('done');
      expect(await acknowledge(system, lease)).toBe('repeated');
      expect(await store().trace.status(message.id)).toMatchObject({ state: 'COMPLETED' });
      expect(await store().box.entry(fresh('stranger'), deliveryId)).toBeNull();
    });

    it('8: shows an entry again when its lease is over, and the old lease is lost', async () => {
      const system = fresh('protocollo');
      await deliver(system);
      const [entry] = await store().box.fetch(system, 1, 1);
      let again = await store().box.fetch(system, 1, 60_000);
      await until(async () => again.length > 0 || (again = await store().box.fetch(system, 1, 60_000)).length > 0);
      const settle = (lease: string) =>
        store().box.acknowledge(system, entry!.deliveryId, lease, { state: 'DELIVERED' });
      expect(await settle(entry!.lease)).toBe('lost');
      expect(await settle(again[0]!.lease)).toBe('done');
    });

    it('8: counts a lease that ran out while nobody else has fetched', async () => {
      const system = fresh('protocollo');
      await deliver(system);
      const [entry] = await store().box.fetch(system, 1, 0);
      const { deliveryId, lease } = entry!;
      expect(await store().box.acknowledge(system, deliveryId, lease, { state: 'DELIVERED' })).toBe('done');
    });

    it('8: takes an entry back at once or after a delay', async () => {
      const system = fresh('protocollo');
      await deliver(system);
      const [entry] = await store().box.fetch(system, 1, 60_000);
      expect(await store().box.release(system, entry!.deliveryId, 'another', 0)).toBe('lost');
      expect(await store().box.release(system, entry!.deliveryId, entry!.lease, 0)).toBe('done');
      const [again] = await store().box.fetch(system, 1, 60_000);
      expect(await store().box.release(system, again!.deliveryId, again!.lease, 60_000)).toBe('done');
      expect(await store().box.fetch(system, 1, 60_000)).toEqual([]);
      expect(await store().box.release(system, again!.deliveryId, again!.lease, 0)).toBe('lost');
    });

    it('8: wakes who waits, for this node’s mail and for another’s', async () => {
      for (const node of nodes()) {
        const system = fresh('protocollo');
        const record = await accept({ receivers: [system] });
        const started = Date.now();
        const woken = store().box.waitForMail(system, 30_000, NEVER);
        await post(node, record);
        await woken;
        expect(Date.now() - started).toBeLessThan(10_000);
        expect(await store().box.fetch(system, 1, 60_000)).toHaveLength(1);
      }
    });

    it('8: stops waiting after the time, or when the caller is gone', async () => {
      const system = fresh('protocollo');
      await store().box.waitForMail(system, 20, NEVER);
      const gone = new AbortController();
      const waiting = store().box.waitForMail(system, 600_000, gone.signal);
      gone.abort();
      await waiting;
      expect(await store().box.fetch(system, 1, 1)).toEqual([]);
    });
  });

  describe('trace', () => {
    const find = async (filter: MessageFilter, page: Omit<MessagePageOrder, 'budgetMs'>) =>
      (await store().messageSearch.find(filter, { ...page, budgetMs: 60_000 })).items;

    it('10: finds a message by its id, its sender’s id and its correlation id', async () => {
      const correlationId = fresh('pratica');
      const { message } = await accept({ message: { correlationId } });
      const { id, messageId, sender } = message;
      expect(await store().trace.statusByMessageId(sender.system, messageId)).toMatchObject({ id, messageId });
      expect(await store().trace.statusByMessageId(fresh('other'), messageId)).toBeNull();
      expect(await store().trace.status('nothing')).toBeNull();
      for (const text of [id, messageId, correlationId]) {
        expect(await find({ text }, { limit: 5 })).toMatchObject([{ id }]);
      }
    });

    it('10: lists newest first, page after page, under every filter', async () => {
      const service = fresh('servizio');
      const receiver = fresh('tributi');
      const records = [];
      for (let n = 0; n < 5; n++) records.push(await accept({ message: { service }, receivers: [receiver] }));
      await store().messages.reject(rejectionRecord({ service }));
      const ids = records.map(({ message }) => message.id).toReversed();
      const filter = {
        service,
        receiver: { system: receiver },
        sender: { participant: 'c_i804' },
        state: 'ACCEPTED' as const,
      };
      const page = await find(filter, { limit: 3 });
      expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 3));
      const rest = await find(filter, { limit: 3, before: page[2]!.id });
      expect(rest.map(({ id }) => id)).toEqual(ids.slice(3));
      const refused = await find({ service, receiver: { participant: 'c_g878' }, state: 'REJECTED' }, { limit: 3 });
      expect(refused).toMatchObject([{ fault: { code: 'schema-violation' }, deliveries: [] }]);
    });

    it('6: lists for participants what they have sent or were to receive, page after page', async () => {
      const service = fresh('servizio');
      const [mine, other] = [fresh('c_mine'), fresh('c_other')];
      const from = (participant: string) => ({ participant, system: `${participant}.anagrafe` });
      const sent = await accept({ message: { service, sender: from(mine) } });
      const foreign = await accept({ message: { service, sender: from(other) } });
      const received = acceptanceRecord({ message: { service, sender: from(other) } });
      const [delivery] = received.deliveries;
      await store().messages.accept({ ...received, deliveries: [{ ...delivery!, receiver: from(mine) }] });
      const refused = rejectionRecord({ service, sender: from(other), receiver: mine });
      await store().messages.reject(refused);
      const ids = [refused.id, received.message.id, sent.message.id];
      const participants = [fresh('c_empty'), mine];
      const page = async (limit: number, before?: string) => {
        const rows = await find({ service, participants }, { limit, ...(before && { before }) });
        return rows.map(({ id }) => id);
      };
      expect(await page(2)).toEqual(ids.slice(0, 2));
      expect(await page(2, ids[1])).toEqual(ids.slice(2));
      expect(await find({ service, participants: [] }, { limit: 5 })).toEqual([]);
      const all = [...ids, foreign.message.id];
      expect(await store().trace.concerning(all, participants)).toEqual(
        new Map(ids.map((id) => [id, id === sent.message.id ? mine : other])),
      );
      expect(await store().trace.concerning([], participants)).toEqual(new Map());
    });

    it('10: tells this process after the commit what the journal holds', async () => {
      const heard: JournalEvent[] = [];
      const unsubscribe = store().feed.subscribe((events) => heard.push(...events));
      const start = await store().trace.lastSeq();
      const { message } = await deliver(fresh('protocollo'));
      unsubscribe();
      const own = heard.filter(({ messageId }) => messageId === message.id);
      expect(own).toEqual(await store().trace.timeline(message.id));
      const after = await store().trace.eventsAfter(start, 100);
      expect(after.filter(({ messageId }) => messageId === message.id)).toEqual(own);
      expect(await store().trace.lastSeq()).toBe(own.at(-1)!.seq);
    });
  });
}
