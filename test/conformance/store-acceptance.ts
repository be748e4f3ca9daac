import { v7 as uuid } from 'uuid';
import type { KnownSystem, Taken } from '../../src/acceptance/ports.js';
import type { Store } from '../../src/store/open-store.js';
import type { JournalEvent } from '../../src/trace/events.js';
import { acceptanceRecord, fresh, refOf, rejectionRecord, until } from '../support/ledger-records.js';

const DAY_MS = 86_400_000;

/** The promises of MessageStore and Outbox; two nodes may be one store where the shape allows one only. */
export function acceptanceCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];

  describe('acceptance', () => {
    it('6: stores message, payload, deliveries and the first journal event', async () => {
      const content = Buffer.from([0, 1, 2, 255]);
      const record = acceptanceRecord({ content, receivers: [fresh('a'), fresh('b')] });
      expect(await store().messages.accept(record)).toEqual({ kind: 'accepted' });
      expect(await store().trace.status(record.message.id)).toMatchObject({
        id: record.message.id,
        state: 'ACCEPTED',
        acceptedAt: record.message.acceptedAt,
        deliveries: [{ state: 'QUEUED', epoch: 0 }, { state: 'QUEUED' }],
      });
      expect(await store().ledger.content(record.message.id)).toEqual(content);
      expect(await store().trace.timeline(record.message.id)).toMatchObject([
        { event: 'message.accepted', by: record.message.sender.system, detail: { stations: record.stations } },
      ]);
    });

    it('6: answers a repetition with the original and makes no second delivery', async () => {
      const first = acceptanceRecord();
      const { id, messageId, correlationId, sender, acceptedAt } = first.message;
      await store().messages.accept(first);
      const again = acceptanceRecord({ message: { messageId, sender } });
      const original = { id, messageId, correlationId, acceptedAt };
      expect(await nodes()[1].messages.accept(again)).toEqual({ kind: 'duplicate', original });
      expect(await store().trace.status(again.message.id)).toBeNull();
      const events = await store().trace.timeline(id);
      expect(events.map(({ event }) => event)).toEqual(['message.accepted', 'message.duplicate']);
    });

    it('4: shows an answer without a delivery to those who look after who has asked', async () => {
      const asked = acceptanceRecord({ message: { sender: { participant: 'c_i804', system: fresh('a') } } });
      await store().messages.accept(asked);
      const profile = 'answer' as const;
      const answer = acceptanceRecord({
        message: { profile, relatesTo: asked.message.id, sender: { participant: 'c_g878', system: fresh('b') } },
        receivers: [],
      });
      await store().messages.accept(answer);
      const { id } = answer.message;
      expect(await store().trace.status(id)).toMatchObject({ state: 'COMPLETED', receiver: 'c_i804' });
      expect((await store().trace.concerning([id], ['c_i804'])).has(id)).toBe(true);
      expect((await store().trace.concerning([id], ['c_h007'])).has(id)).toBe(false);
    });

    it('6: refuses another body under a used id, and lets another sender use it', async () => {
      const first = acceptanceRecord();
      const { messageId, sender } = first.message;
      await store().messages.accept(first);
      const other = acceptanceRecord({ message: { messageId, sender, digest: 'f'.repeat(64) } });
      expect(await store().messages.accept(other)).toMatchObject({ kind: 'conflict', original: { messageId } });
      const stranger = acceptanceRecord({ message: { messageId } });
      expect(await store().messages.accept(stranger)).toEqual({ kind: 'accepted' });
    });

    it('6: keeps equal keys of one batch and of two nodes apart', async () => {
      const { sender, messageId } = acceptanceRecord().message;
      const records = Array.from({ length: 20 }, () => acceptanceRecord({ message: { sender, messageId } }));
      const outcomes = await Promise.all(records.map((record, n) => nodes()[n % 2 ? 1 : 0].messages.accept(record)));
      expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'duplicate')).toHaveLength(19);
    });

    it('6: shares one commit among many', async () => {
      const records = Array.from({ length: 50 }, () => acceptanceRecord());
      const commits: (readonly JournalEvent[])[] = [];
      const unsubscribe = store().feed.subscribe((events) => commits.push(events));
      await Promise.all(records.map((record) => store().messages.accept(record)));
      unsubscribe();
      expect(commits.map((events) => events.length)).toEqual([50]);
    });

    it('6: lets a record that cannot be stored fail alone', async () => {
      const poison = acceptanceRecord({ message: { correlationId: 'not\0storable' } });
      const records = [...Array.from({ length: 9 }, () => acceptanceRecord()), poison];
      const outcomes = await Promise.allSettled(records.map((record) => store().messages.accept(record)));
      const last = outcomes.pop();
      expect(outcomes).toEqual(Array(9).fill({ status: 'fulfilled', value: { kind: 'accepted' } }));
      expect(last).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
      expect(await store().trace.status(poison.message.id)).toBeNull();
    });

    it('6: records a refusal without using up the id', async () => {
      const record = acceptanceRecord();
      const { messageId, sender } = record.message;
      const refusal = rejectionRecord({ messageId, sender });
      await store().messages.reject(refusal);
      expect(await store().trace.status(refusal.id)).toMatchObject({ state: 'REJECTED', fault: refusal.fault });
      expect(await store().trace.timeline(refusal.id)).toMatchObject([{ event: 'message.rejected' }]);
      expect(await store().messages.accept(record)).toEqual({ kind: 'accepted' });
    });

    it('6: takes ids of days without a partition and moves them when the day is prepared', async () => {
      const ahead = new Date(Date.now() + 6 * DAY_MS);
      const early = acceptanceRecord({ message: { id: uuid({ msecs: ahead.getTime() }) } });
      const old = acceptanceRecord({ message: { id: uuid({ msecs: Date.UTC(2020, 0, 1) }) } });
      await Promise.all([early, old].map((record) => store().messages.accept(record)));
      await store().sweeper.preparePartitions(7);
      await store().sweeper.preparePartitions(7);
      for (const { message } of [early, old]) expect((await store().trace.status(message.id))?.state).toBe('ACCEPTED');
      expect(await store().ledger.claim(refOf(early), { owner: 'node', ms: 60_000 })).not.toBeNull();
    });
  });

  describe('outbox', () => {
    const order = {
      limit: 10_000,
      window: 3,

      reserveMs: 60_000,
      systems: new Map<string, KnownSystem>(),
    };
    const acceptReserved = async (system: string, reserveMs: number) => {
      const record = acceptanceRecord({ receivers: [system] });
      const deliveries = record.deliveries.map((one) => ({ ...one, reserveMs }));
      await store().messages.accept({ ...record, deliveries });
      return record;
    };
    const ofSystem = ({ items }: Taken, system: string) =>
      items.filter((item) => item.delivery.receiver.system === system);
    const takeFor = async (node: Store, system: string) => ofSystem(await node.outbox.takeUnpublished(order), system);

    it('7: hands out what no queue holds, oldest first, at most so many a system, to one relay', async () => {
      const system = fresh('tributi');
      const message = { sender: { participant: 'c_i804', system: fresh('anagrafe') } };
      const records = Array.from({ length: 5 }, () => acceptanceRecord({ receivers: [system], message }));
      for (const record of records) await store().messages.accept(record);
      const first = await takeFor(store(), system);
      expect(first.map((item) => item.messageId)).toEqual(records.slice(0, 3).map(({ message }) => message.id));
      expect(first[0]).toMatchObject({
        ...refOf(records[0]!),
        message: records[0]!.message,
        content: records[0]!.content,
      });
      const second = await takeFor(nodes()[1], system);
      expect(second.map((item) => item.messageId)).toEqual(records.slice(3).map(({ message }) => message.id));
    });

    it('7: does not hand out what was published, until it is unpublished under a new epoch', async () => {
      const system = fresh('tributi');
      const record = acceptanceRecord({ receivers: [system] });
      await store().messages.accept(record);
      await store().outbox.markPublished(refOf(record));
      expect(await takeFor(store(), system)).toEqual([]);
      expect(await store().outbox.unpublish(system)).toBe(1);
      expect(await takeFor(store(), system)).toMatchObject([{ ...refOf(record), epoch: 1 }]);
      expect(await store().outbox.markPublished(refOf(record))).toBe('gone');
      expect(await store().outbox.unpublish(system)).toBe(1);
      expect(await store().outbox.unpublish(system)).toBe(0);
    });

    it('7: leaves what its process publishes itself to it, while that is reserved', async () => {
      const system = fresh('tributi');
      const reserved = await acceptReserved(system, 700);
      const long = await acceptReserved(system, 60_000);
      expect(await takeFor(store(), system)).toEqual([]);
      expect(await store().outbox.markPublished(refOf(long), 50_000)).toBe('reserved');
      await until(async () => (await takeFor(store(), system)).length > 0);
      expect(await store().outbox.markPublished(refOf(reserved), 90_000)).toBe('marked');
      expect(await store().outbox.markPublished(refOf(long))).toBe('marked');
      expect(await store().outbox.markPublished(refOf(long))).toBe('gone');
    });

    it('7: where the queue of a system is lost, what may lie in it without a mark goes again too, once', async () => {
      const system = fresh('tributi');
      const own = await acceptReserved(system, 60_000);
      const taken = acceptanceRecord({ receivers: [system] });
      await store().messages.accept(taken);
      await takeFor(store(), system);
      const other = await acceptReserved(fresh('tributi'), 60_000);
      expect(await store().outbox.unpublish(system)).toBe(2);
      const again = await takeFor(nodes()[1], system);
      expect(again.map(({ messageId, epoch }) => [messageId, epoch]).toSorted()).toEqual(
        [own, taken].map(({ message }) => [message.id, 1]).toSorted(),
      );
      for (const record of [own, taken]) expect(await store().outbox.markPublished(refOf(record))).toBe('gone');
      expect(await store().outbox.markPublished(refOf(other), 0)).toBe('reserved');
    });

    it('7: hands out no more of a system than its window has room for, and counts what lies there', async () => {
      const system = fresh('tributi');
      const message = { sender: { participant: 'c_i804', system: fresh('anagrafe') } };
      const records = Array.from({ length: 6 }, () => acceptanceRecord({ receivers: [system], message }));
      const ids = records.map(({ message }) => message.id);
      for (const record of records) await store().messages.accept(record);
      const left = await store().outbox.takeUnpublished({
        ...order,
        systems: new Map([[system, { size: 3, unmarked: 3, atMost: null }]]),
      });
      expect([ofSystem(left, system), left.marked[system]]).toEqual([[], 0]);
      for (const record of records.slice(0, 2)) await store().outbox.markPublished(refOf(record));
      const taken = await nodes()[1].outbox.takeUnpublished(order);
      const own = ofSystem(taken, system);
      expect([own.map(({ messageId }) => messageId), taken.marked[system]]).toEqual([[ids[2]], 2]);
      await store().outbox.markPublished(own[0]!);
      const none = await store().outbox.takeUnpublished(order);
      expect([ofSystem(none, system), none.marked[system]]).toEqual([[], 3]);
      await store().ledger.claim(refOf(records[0]!), { owner: 'node', ms: 60_000 });
      expect((await takeFor(store(), system)).map(({ messageId }) => messageId)).toEqual([ids[3]]);
    });

    it('7: leaves a large payload in the store', async () => {
      const system = fresh('tributi');
      const record = acceptanceRecord({ receivers: [system], content: Buffer.alloc(70_000, 7) });
      await store().messages.accept(record);
      expect(await takeFor(store(), system)).toMatchObject([{ content: null }]);
      expect(await store().ledger.content(record.message.id)).toEqual(record.content);
    });
  });
}
